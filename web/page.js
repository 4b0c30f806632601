// The page of a running costdrift: reads /api/v1/status and /api/v1/alerts every few seconds and shows them.
//
// Every name on it (apps, models, owners, commands) comes from events, so anybody may have chosen it: text reaches the
// document through textContent alone, never as HTML.
"use strict";

const kRefreshMs = 5000;
const kAnswerTimeoutMs = 8000;
const kHeartbeatLimitSeconds = 30;
const kOpenShown = 200;
const kResolvedShown = 50;

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const byId = (id) => document.getElementById(id);

// ---- text

function number(value, digits) {
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

function measured(value) {
  if (value === null || value === undefined) return "unknown";
  if (Math.abs(value) >= 1000) return number(value, 0);
  return Number(value.toPrecision(3)).toString();
}

function dollars(value) {
  if (value === null || value === undefined) return "unknown";
  const size = Math.abs(value);
  const sign = value < 0 ? "-$" : "$";
  if (size >= 10000) return sign + number(size / 1000, size >= 100000 ? 0 : 1) + "k";
  if (size >= 100) return sign + number(size, 0);
  if (size >= 1 || size === 0) return sign + size.toFixed(2);
  return sign + Number(size.toPrecision(2)).toString();
}

function percent(ratio) {
  if (ratio === null || ratio === undefined) return "unknown";
  if (ratio >= 99) return "over 100 times";
  const value = Number((ratio * 100).toPrecision(2));
  return (value > 0 ? "+" : "") + number(value, 1) + "\u00a0%";
}

function pad(value) { return String(value).padStart(2, "0"); }

function moment(text) {
  const time = new Date(text);
  if (!text || Number.isNaN(time.getTime())) return "unknown";
  const clock = pad(time.getUTCHours()) + ":" + pad(time.getUTCMinutes());
  return time.getUTCDate() + " " + months[time.getUTCMonth()] + " " + clock + " UTC";
}

function span(fromText, toText) {
  const minutes = Math.round((new Date(toText) - new Date(fromText)) / 60000);
  if (!(minutes >= 0)) return "";
  if (minutes < 90) return minutes + " min";
  return minutes < 48 * 60 ? number(minutes / 60, 1) + " h" : number(minutes / 1440, 1) + " d";
}

// ---- elements

function element(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children.filter((child) => child !== null && child !== ""));
  return node;
}

// Text of unknown origin, kept from changing the direction of what stands around it; characters that hide or turn text
// are shown as replacement characters.
function visible(text) {
  return String(text).replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "\ufffd");
}

function foreign(text) { return element("bdi", "", visible(text).replaceAll(" %", "\u00a0%")); }

function link(text, address) {
  if (!/^https?:\/\//.test(address || "")) return null;
  const node = element("a", "", text);
  node.href = address;
  node.rel = "noreferrer";
  return node;
}

function copyButton(text) {
  const button = element("button", "", "copy");
  button.type = "button";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "copied";
    } catch {
      // Without https or localhost there is no clipboard: select the text so that the keyboard can copy it.
      window.getSelection().selectAllChildren(button.previousSibling);
      button.textContent = "press Ctrl+C";
    }
    setTimeout(() => { button.textContent = "copy"; }, 2000);
  });
  return button;
}

function separated(nodes) {
  return nodes.flatMap((node, index) => (index ? [", ", node] : [node]));
}

// ---- one incident

// What a person has said about it.
function answers(alert) {
  const said = [];
  if (alert.acknowledged_at) said.push(element("span", "", "acknowledged", alert.acknowledged_by ? " by " : "", foreign(alert.acknowledged_by || "")));
  if (alert.snoozed_until) said.push(element("span", "", "snoozed until " + moment(alert.snoozed_until)));
  if (alert.untold) said.push(element("span", "", "silenced: told to nobody"));
  return said;
}

function tags(alert) {
  const names = alert.detector.replaceAll("_", " ");
  const ended = alert.status === "retracted" ? "retracted" : "";
  return element("div", "tags", element("span", "severity", alert.severity), element("span", "", foreign(names)),
    element("span", "", "since " + moment(alert.onset)), ended, ...answers(alert),
    link("runbook", alert.links.runbook));
}

function money(usd) {
  const part = (label, value) => element("div", "", element("div", "label", label), element("div", "value", dollars(value)));
  return element("div", "money", part("so far", usd.so_far), part("per hour", usd.per_hour), part("per month", usd.per_month));
}

function bar(label, value, largest) {
  const fill = element("div", "fill " + label);
  fill.style.width = (largest > 0 ? Math.max(0, 100 * value / largest) : 0) + "%";
  return [element("span", "label", label), element("div", "track", fill), element("span", "number", measured(value))];
}

function comparison(alert) {
  const largest = Math.max(alert.expected, alert.observed);
  const low = percent(alert.effect_low), high = percent(alert.effect_high);
  const interval = low === high ? "" : " (between " + low + " and " + high + ")";
  return element("div", "bars", ...bar("expected", alert.expected, largest), ...bar("observed", alert.observed, largest),
    element("span", "note", foreign(alert.unit), ": " + percent(alert.effect) + interval));
}

function driverText(driver) {
  return element("span", "", percent(driver.share).replace("+", "") + " ", driver.dimension.replaceAll("_", " ") + " ", foreign(driver.value));
}

function alsoText(also) {
  return element("span", "", also.detector.replaceAll("_", " ") + " ", percent(also.effect));
}

function seriesText(labels) {
  return Object.values(labels).map((value) => value || "unattributed").join(" / ") || "all";
}

// Each with its incident on this page, when it is on it.
function incidentLink(ref) {
  const link = element("a", "", foreign(seriesText(ref.labels)));
  link.href = "#" + ref.incident_id;
  return link;
}

function elsewhereTexts(elsewhere) {
  if (!elsewhere) return [];
  const texts = elsewhere.largest.map((other) => element("span", "", other.inside ? "of it " : "", incidentLink(other),
    " " + percent(other.effect), other.usd_per_hour === null ? "" : ", " + dollars(other.usd_per_hour) + " per hour"));
  const more = elsewhere.incidents - elsewhere.largest.length;
  return more > 0 ? [...texts, "and " + number(more, 0) + " more"] : texts;
}

function splitText(split) {
  const parts = Object.entries(split || {}).filter((entry) => Math.abs(entry[1]) >= 0.005);
  if (parts.length < 2) return null;
  return parts.map((entry) => entry[0] + " " + dollars(entry[1])).join(", ") + " per hour";
}

function sampleText(sample) {
  const place = sample.topic + " / " + sample.partition + " / " + sample.offset;
  const trace = sample.trace_id ? " trace " + sample.trace_id : "";
  return foreign(place + trace);
}

function detail(list, label, ...content) {
  if (content.every((part) => part === null || part === "")) return;
  list.append(element("dt", "", label), element("dd", "", ...content));
}

function command(text) {
  const code = element("code", "", visible(text));
  return element("div", "command", code, copyButton(text));
}

function details(alert) {
  const list = element("dl", "details");
  const owners = [alert.owner.team, alert.owner.owner, alert.owner.cost_center].filter(Boolean);
  detail(list, "Owner", ...(owners.length ? separated(owners.map(foreign)) : ["unknown"]));
  detail(list, "Driver", ...separated(alert.drivers.map(driverText)));
  detail(list, "Parts", splitText(alert.usd.split));
  detail(list, "Also seen by", ...separated((alert.also || []).map(alsoText)));
  if (alert.told_by) detail(list, "Told by", incidentLink(alert.told_by));
  detail(list, "Elsewhere", ...separated(elsewhereTexts(alert.elsewhere)));
  detail(list, "Calls", number(alert.calls, 0) + " since " + moment(alert.onset));
  detail(list, "Dearest calls", ...separated(alert.samples.map(sampleText)));
  detail(list, "Quiet if", alert.quiet_if ? foreign(alert.quiet_if) : "");
  if (alert.replay) detail(list, "Replay", command(alert.replay));
  return list;
}

function card(alert) {
  const node = element("article", "card " + alert.severity, tags(alert), element("h3", "", foreign(alert.summary)),
    element("div", "body", money(alert.usd), comparison(alert)), details(alert));
  node.id = "i" + alert.incident_id;
  return node;
}

function resolvedRow(alert) {
  const cell = (label, text) => {
    const node = element("td", "", text);
    if (label) node.dataset.label = label;
    return node;
  };
  const cost = cell("cost", dollars(alert.usd.so_far));
  cost.classList.add("number");
  const ended = alert.resolved_at ? moment(alert.resolved_at) + ", after " + span(alert.onset, alert.resolved_at) : alert.status;
  return element("tr", "", cell("", foreign(alert.summary)), cell("since", moment(alert.onset)),
    cell(alert.status, ended), cost);
}

// Draws only what changed, so that a selection or a scroll position survives the refresh.
function drawList(parent, alerts, draw) {
  const known = new Map([...parent.children].map((node) => [node.dataset.source, node]));
  parent.replaceChildren(...alerts.map((alert) => {
    const source = JSON.stringify(alert);
    const node = known.get(source) || draw(alert);
    node.dataset.source = source;
    return node;
  }));
}

// ---- the whole page

function showState(className, text) {
  byId("state").className = "pill " + className;
  byId("state").textContent = text;
}

function showBanners(banners) {
  byId("banners").replaceChildren(...banners.map((banner) => element("p", "banner " + banner[0], foreign(banner[1]))));
}

function showFacts(status) {
  const accounting = status.accounting;
  const dropped = accounting.consumed - accounting.accepted;
  const facts = [
    ["Watermark", moment(status.watermark)],
    ["Events", number(accounting.accepted, 0) + (dropped > 0 ? " (+ " + number(dropped, 0) + " not used)" : "")],
    ["Lag", number(status.lag_records, 0) + " records"],
    ["Spend seen", dollars(status.usd.reported + status.usd.computed)],
    ["Series", number(status.series, 0)],
    ["Partitions", number(status.partitions.length, 0)],
  ];
  byId("facts").replaceChildren(...facts.map((fact) => element("div", "", element("dt", "", fact[0]), element("dd", "", fact[1]))));
}

function sinkChip(sink) {
  const waiting = sink.pending > 0 ? ", " + number(sink.pending, 0) + " waiting" : "";
  const problem = sink.last_problem ? ": " + sink.last_problem : "";
  return element("span", sink.last_problem ? "sink bad" : "sink", foreign(sink.name),
    " " + number(sink.delivered, 0) + " delivered" + waiting, problem ? foreign(problem) : "");
}

function showSinks(sinks) {
  const none = sinks.length ? [] : [element("span", "sink bad", "no sinks: incidents are shown here only")];
  byId("sinks").replaceChildren(...sinks.map(sinkChip), ...none);
}

function countText(list) {
  if (list.total > list.alerts.length) return "newest " + list.alerts.length + " of " + number(list.total, 0);
  return list.total || "";
}

function showIncidents(open, resolved, status) {
  drawList(byId("open"), open.alerts, card);
  drawList(byId("resolved"), resolved.alerts, resolvedRow);
  byId("open-count").textContent = countText(open);
  byId("resolved-count").textContent = countText(resolved);
  byId("open-empty").hidden = open.total > 0;
  byId("open-empty").textContent = status.series > 0
    ? "Nothing drifts. All quiet in the " + number(status.series, 0) + " series that costdrift watches."
    : "No usage events yet. As soon as the first ones arrive, costdrift begins to learn what is usual.";
  byId("resolved-section").hidden = resolved.total === 0;
  document.title = open.total ? "(" + open.total + ") costdrift" : "costdrift";
}

function problemsOf(status) {
  const banners = status.problems.map((problem) => ["warn", problem]);
  if (status.heartbeat_age_seconds > kHeartbeatLimitSeconds) {
    banners.unshift(["bad", "costdrift answers, but has not read events for " + Math.round(status.heartbeat_age_seconds) + " s. It looks stuck."]);
  }
  if (!status.ready) banners.unshift(["warn", "Not ready: " + status.not_ready_because]);
  return banners;
}

function show(status, open, resolved) {
  const banners = problemsOf(status);
  const stuck = banners.some((banner) => banner[0] === "bad");
  showState(stuck ? "bad" : banners.length ? "warn" : "good",
    stuck ? "stuck" : !status.ready ? "not ready" : banners.length ? "watching, with problems" : "watching");
  showBanners(banners);
  showFacts(status);
  showSinks(status.sinks);
  showIncidents(open, resolved, status);
}

// Links in messages and of other cards name an incident ("/#<incident id>"), whose card exists only after the first
// answer.
function followLink() {
  for (const card of document.querySelectorAll(".card.linked")) card.classList.remove("linked");
  const target = document.querySelector(".card#i" + location.hash.slice(1).replace(/[^0-9a-f]/g, ""));
  if (!target) return;
  target.classList.add("linked");
  target.scrollIntoView({ block: "start" });
}

let lastAnswer = null;

function showSilence(problem) {
  const since = lastAnswer ? "What you see is from " + lastAnswer.toLocaleTimeString() + "." : "";
  showState("bad", "not answering");
  showBanners([["bad", "costdrift does not answer (" + problem + "). " + since]]);
  document.body.classList.add("stale");
}

async function fetchJson(path) {
  const answer = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(kAnswerTimeoutMs) });
  if (!answer.ok) throw new Error("HTTP status " + answer.status);
  return answer.json();
}

// Marks the alerts that a silence or snooze has kept from every sink.
async function fetchAlerts(path) {
  const answer = await fetchJson(path);
  for (const alert of answer.alerts) alert.untold = answer.untold.includes(alert.incident_id);
  return answer;
}

async function refresh() {
  try {
    const [status, open, resolved] = await Promise.all([fetchJson("/api/v1/status"),
      fetchAlerts("/api/v1/alerts?status=firing&limit=" + kOpenShown),
      fetchAlerts("/api/v1/alerts?status=resolved&limit=" + kResolvedShown)]);
    show(status, open, resolved);
    if (!lastAnswer) followLink();
    lastAnswer = new Date();
    document.body.classList.remove("stale");
    byId("updated").textContent = "costdrift " + status.version + ", as of " + lastAnswer.toLocaleTimeString();
  } catch (problem) {
    showSilence(problem.message);
  }
  setTimeout(refresh, kRefreshMs);
}

addEventListener("hashchange", followLink);
refresh();
