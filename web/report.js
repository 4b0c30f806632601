// Draws a replay report from the JSON in #data. Names in it come from events, so anybody may have chosen them: text
// reaches the document through textContent alone.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

function make(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined && text !== null) element.textContent = text;
  if (className) element.className = className;
  return element;
}

// ---- text

function dollars(value) {
  if (value === null || value === undefined) return "unknown";
  const size = Math.abs(value);
  const sign = value < 0 ? "-$" : "$";
  if (size >= 10000) return sign + (size / 1000).toLocaleString("en-US", { maximumFractionDigits: 1 }) + "k";
  if (size >= 100) return sign + size.toLocaleString("en-US", { maximumFractionDigits: 0 });
  if (size >= 0.1 || size === 0) return sign + size.toFixed(2);
  return sign + Number(size.toPrecision(2)).toString();
}

function duration(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 120) return Math.round(seconds) + " s";
  if (seconds < 7200) return Math.round(seconds / 60) + " min";
  if (seconds < 172800) return (seconds / 3600).toFixed(1) + " h";
  return (seconds / 86400).toFixed(1) + " d";
}

const clock = (text) => (text ? text.slice(0, 16).replace("T", " ") : "");
const seconds = (text) => Date.parse(text) / 1000;
const number = (value) => value.toLocaleString("en-US");

// ---- tables

// columns: [title, cell -> text or element, class]
function table(columns, rows) {
  const element = make("table");
  const head = element.appendChild(make("thead")).appendChild(make("tr"));
  for (const [title, , className] of columns) head.appendChild(make("th", title, className));
  const body = element.appendChild(make("tbody"));
  for (const row of rows) {
    const line = body.appendChild(make("tr"));
    for (const [, content, className] of columns) {
      const value = content(row);
      const cell = line.appendChild(make("td", value instanceof Node ? null : value, className));
      if (value instanceof Node) cell.appendChild(value);
    }
  }
  return element;
}

function show(id, title, ...parts) {
  const section = byId(id);
  section.hidden = false;
  section.appendChild(make("h2", title));
  section.append(...parts);
}

// ---- charts

const kWidth = 1030;

function bands(spans, colour) {
  return (u) => {
    const { ctx } = u;
    ctx.save();
    ctx.fillStyle = colour;
    for (const [from, to] of spans) {
      const left = Math.max(u.valToPos(from, "x", true), u.bbox.left);
      const right = Math.min(u.valToPos(to, "x", true), u.bbox.left + u.bbox.width);
      if (right > left) ctx.fillRect(left, u.bbox.top, Math.max(right - left, 2), u.bbox.height);
    }
    ctx.restore();
  };
}

// A dashed line at a value of the y axis, or an upright one at a time.
function line(value, axis, colour) {
  return (u) => {
    if (value === null || value === undefined) return;
    const { ctx, bbox } = u;
    const at = u.valToPos(value, axis, true);
    ctx.save();
    ctx.strokeStyle = colour;
    ctx.setLineDash([6, 4]);
    ctx.beginPath();
    if (axis === "y") {
      ctx.moveTo(bbox.left, at);
      ctx.lineTo(bbox.left + bbox.width, at);
    } else {
      ctx.moveTo(at, bbox.top);
      ctx.lineTo(at, bbox.top + bbox.height);
    }
    ctx.stroke();
    ctx.restore();
  };
}

function usualBand(low, high) {
  return (u) => {
    if (low === null || high === null) return;
    const top = u.valToPos(high, "y", true);
    const bottom = u.valToPos(low, "y", true);
    u.ctx.save();
    u.ctx.fillStyle = "rgba(21, 128, 61, 0.13)";
    u.ctx.fillRect(u.bbox.left, top, u.bbox.width, Math.max(bottom - top, 2));
    u.ctx.restore();
  };
}

function chart(parent, times, values, label, height, under, over) {
  const shown = values.filter((v) => v !== null);
  const top = (Math.max(...shown, 0) || 1) * 1.1;
  const format = label.startsWith("dollars") ? dollars : (v) => Number(v.toPrecision(3)).toLocaleString("en-US");
  new uPlot(
    {
      width: kWidth, height, tzDate: (ts) => uPlot.tzDate(new Date(ts * 1e3), "Etc/UTC"),
      legend: { show: false }, cursor: { show: false },
      scales: { y: { range: (u, min, max) => [0, Math.max(top, max * 1.1)] } },
      axes: [{ size: 34, space: 64, values: (u, ticks) => times24(ticks) }, { size: 70, values: (u, ticks) => ticks.map((v) => format(v)) }],
      series: [{}, { label, stroke: "#1d4ed8", width: 1.5, spanGaps: false, points: { show: false } }],
      hooks: { drawAxes: under, draw: over },
    },
    [times, values], parent);
}

// "Mar 2" at midnight and at the left, "14:00" elsewhere; UTC.
function times24(ticks) {
  return ticks.map((at, i) => {
    const time = new Date(at * 1000).toISOString();
    const day = new Date(at * 1000).toLocaleString("en-US", { month: "short", day: "numeric", timeZone: "UTC" });
    if (time.slice(11, 16) === "00:00") return day;
    return i === 0 ? `${day}, ${time.slice(11, 16)}` : time.slice(11, 16);
  });
}

function spanOf(incident) {
  const alert = incident.newest;
  return [seconds(alert.onset), seconds(alert.resolved_at || alert.updated_at || alert.detected_at)];
}

function spendChart() {
  const hours = new Map(data.spend.map((at) => [seconds(at.hour), at.usd]));
  if (hours.size === 0) return;
  const times = [];
  for (let at = seconds(data.spend[0].hour); at <= seconds(data.spend[data.spend.length - 1].hour); at += 3600) times.push(at);
  const pages = data.incidents.filter((i) => i.paged).map(spanOf);
  const tickets = data.incidents.filter((i) => !i.paged).map(spanOf);
  chart(byId("spend"), times, times.map((at) => hours.get(at) ?? 0), "dollars per hour", 220,
    [bands(tickets, "rgba(161, 98, 7, 0.12)"), bands(pages, "rgba(194, 65, 12, 0.18)")], []);
}

// ---- parts of the page

function tile(value, text) {
  const element = make("div", null, "tile");
  element.append(make("b", value), make("span", text));
  byId("tiles").appendChild(element);
}

function tiles() {
  const card = data.scorecard;
  tile(number(card.pages), `pages, ${card.pages_per_week.toFixed(1)} a week`);
  tile(number(card.tickets), "tickets");
  if (card.known > 0) {
    tile(`${card.found} of ${card.known}`, "known incidents found");
    tile(number(card.false_pages), "false pages");
    tile(number(card.duplicates), "duplicates");
    if (card.median_delay_seconds !== null) tile(duration(card.median_delay_seconds), "to the page (median)");
    tile(dollars(card.usd_before_page), "burned before the page");
    tile(dollars(card.usd_after_page), "after it: could be caught");
  }
}

// Without labels nobody knows whether a page was right.
const tag = (text) => make("span", text === "unjudged" ? "page" : text, "tag " + text);
const matchText = (match) => Object.entries(match).map(([k, v]) => `${k} ${v}`).join(", ") || "everything";

function labels() {
  const known = data.labels.filter((label) => label.real !== false);
  if (known.length === 0) return;
  show("labels", "Known incidents", table([
    ["", (l) => tag(l.incident === null ? "missed" : "hit")],
    ["from", (l) => clock(l.from), "time"], ["to", (l) => clock(l.to), "time"],
    ["calls", (l) => matchText(l.match)], ["kind", (l) => l.kind || ""],
    ["told after", (l) => duration(l.delay_seconds), "number"],
    ["burned before", (l) => (l.incident === null ? "" : dollars(l.usd_before_page)), "number"],
    ["after", (l) => (l.incident === null ? "" : dollars(l.usd_after_page)), "number"],
    ["found by, or why missed", (l) => (l.incident === null ? l.missed_because : data.incidents[l.incident].newest.detector)],
  ], known));
}

function pages() {
  const card = data.scorecard;
  if (card.pages === 0) return;
  const hours = make("div", null, "hours");
  const most = Math.max(...card.pages_by_hour);
  card.pages_by_hour.forEach((count, hour) => {
    const column = hours.appendChild(make("div"));
    const bar = column.appendChild(make("i"));
    bar.style.height = `${(60 * count) / most}px`;
    bar.title = `${count}`;
    column.appendChild(make("span", String(hour).padStart(2, "0")));
  });
  show("pages", "Pages", table([
    ["route", ([route]) => route],
    ["pages", ([, count]) => number(count), "number"],
    ["a week", ([, count]) => (card.weeks > 0 ? (count / card.weeks).toFixed(1) : ""), "number"],
  ], Object.entries(card.pages_by_route)), make("p", "By hour of day, UTC:", "hint"), hours);
}

function comparison() {
  const c = data.comparison;
  if (!c) return;
  byId("verdict").hidden = false;
  byId("verdict").textContent = c.verdict;
  const told = (list, place) => (place === null ? "" : clock(list[place].told_at) + (list[place].paged ? "" : " (ticket)"));
  const rows = c.changes.filter((change) => change.change !== "the same");
  show("comparison", "Comparison", make("p", `A: ${c.a}   B: ${c.b}`, "hint"), table([
    ["change", (r) => r.change],
    ["told by A", (r) => told(data.incidents, r.a), "time"], ["told by B", (r) => told(c.incidents_b, r.b), "time"],
    ["what", (r) => (r.a === null ? c.incidents_b[r.b] : data.incidents[r.a]).summary],
  ], rows));
}

const kDearest = 10;

// Those that lost most, first: of many incidents the few that matter.
function dearest() {
  const lost = data.incidents.map((incident, i) => ({ incident, i, usd: incident.newest.usd.so_far || 0 }));
  const link = (row) => {
    const element = make("a", row.incident.summary);
    element.href = `#incident-${row.i}`;
    return element;
  };
  byId("incidents").append(make("p", `The ${kDearest} of ${number(lost.length)} that lost most:`, "hint"), table([
    ["", (r) => tag(r.incident.verdict)], ["told", (r) => clock(r.incident.told_at), "time"],
    ["lost", (r) => dollars(r.incident.newest.usd.so_far), "number"], ["what", link],
  ], lost.sort((a, b) => b.usd - a.usd || a.i - b.i).slice(0, kDearest)));
}

function incidentCard(incident, curve, place) {
  const alert = incident.newest;
  const card = make("article", null, "incident");
  card.id = `incident-${place}`;
  const title = card.appendChild(make("h3"));
  title.append(tag(incident.verdict), make("span", incident.summary));
  const ended = alert.resolved_at ? `, ended ${clock(alert.resolved_at)}` : ", not ended";
  card.appendChild(make("p", `${alert.detector}, ${alert.severity}; onset ${clock(alert.onset)}, told ` +
    `${clock(incident.told_at)}${ended}; lost ${dollars(alert.usd.so_far)}; told to ${incident.route}`));
  byId("incidents").appendChild(card);
  if (!curve) return;
  const times = curve.values.map((_, i) => curve.begin + i * curve.step);
  card.appendChild(make("p", `${curve.quantity}; green: what was usual before; dashed: onset` +
    (curve.expected === null ? "" : " and what was expected")));
  chart(card, times, curve.values, curve.quantity, 150,
    [usualBand(curve.usual_low, curve.usual_high), bands([spanOf(incident)], "rgba(194, 65, 12, 0.10)")],
    [line(seconds(alert.onset), "x", "#c2410c"), line(curve.expected, "y", "#15803d")]);
}

function incidents() {
  byId("incidents").appendChild(make("h2", data.incidents.length ? "Incidents" : "Nothing was told"));
  if (data.incidents.length > kDearest) dearest();
  data.incidents.forEach((incident, i) => incidentCard(incident, data.curves[i], i));
}

// ---- tuning

function tuningCurve(parent, candidates) {
  const byPages = [...candidates].sort((a, b) => a.false_pages_per_week - b.false_pages_per_week);
  const x = byPages.map((c) => c.false_pages_per_week);
  const points = (colour, size) => ({ stroke: colour, paths: () => null, points: { show: true, size, fill: colour } });
  new uPlot(
    {
      width: kWidth, height: 260, legend: { show: false }, cursor: { show: false },
      scales: { x: { time: false, range: (u, min, max) => [0, max * 1.1 || 1] }, y: { range: (u, min, max) => [0, max * 1.15 || 1] } },
      axes: [{ label: "pages a week without a drift", size: 40 }, { label: "dollars burned a drift", size: 80, values: (u, t) => t.map(dollars) }],
      series: [{}, { ...points("#a8a29e", 8) }, { stroke: "#1d4ed8", width: 1.5, spanGaps: true, points: { show: true, size: 9, fill: "#1d4ed8" } },
        { ...points("#c2410c", 14) }],
    },
    [x, byPages.map((c) => c.usd_a_drift), byPages.map((c) => (c.on_the_curve ? c.usd_a_drift : null)),
      byPages.map((c) => (c.change === "" ? c.usd_a_drift : null))], parent);
}

function tuning() {
  const t = data.tuning;
  byId("span").textContent = `${t.config}: ${clock(t.from)} to ${clock(t.to)} UTC`;
  byId("verdict").hidden = false;
  byId("verdict").textContent = t.verdict;
  byId("spend").parentElement.remove();
  const curve = make("div");
  show("tuning", "Settings", make("p", "Grey: tried. Blue: nothing else has both fewer pages and fewer dollars. Orange: as it is.", "hint"),
    curve, table([
      ["setting", (c) => c.change || "as it is"],
      ["pages a week", (c) => c.false_pages_per_week.toFixed(1), "number"],
      ["drifts caught", (c) => `${Math.round(c.caught * 100)} %`, "number"],
      ["burned a drift", (c) => dollars(c.usd_a_drift), "number"],
      ["loss a week", (c) => dollars(c.loss), "number"],
    ], t.candidates));
  tuningCurve(curve, t.candidates);
  const power = (rows, named) => table([
    ["drift", (r) => r.drift], ...(named ? [["application", (r) => r.app, "time"]] : []),
    ["caught", (r) => `${r.caught} of ${r.trials}`, "number"],
    ["after (median)", (r) => duration(r.median_delay_seconds), "number"],
    ["lost by then", (r) => (r.caught > 0 ? dollars(r.usd_before_page) : ""), "number"],
    ["tickets only", (r) => (r.tickets > 0 ? number(r.tickets) : ""), "number"],
    ["if never told", (r) => dollars(r.usd_added), "number"],
    ["when missed, why", (r) => r.missed_because],
  ], rows);
  const parts = [make("p", "Dollars are means of one drift.", "hint"), power(t.power.filter((r) => r.app === ""), false)];
  for (const drift of t.not_tried) parts.push(make("p", `Not tried: ${drift.drift}: ${drift.why}.`, "hint"));
  show("labels", "What would be caught", ...parts, make("h3", "By application"), power(t.power.filter((r) => r.app !== ""), true));
  document.querySelector("h1").textContent = "costdrift tune";
  document.title = "costdrift tune";
}

function replayReport() {
  byId("span").textContent = `${data.config}: ${number(data.events.read)} events, ${number(data.events.accepted)} accepted, ` +
    `${clock(data.from)} to ${clock(data.to)} UTC`;
  tiles();
  spendChart();
  comparison();
  labels();
  pages();
  incidents();
  document.title = `costdrift replay: ${data.scorecard.pages} pages`;
}

if (data.tuning) tuning();
else replayReport();
