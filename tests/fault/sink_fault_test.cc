// What receivers do to the delivery, over real HTTP on loopback: none of it delays another sink, loses a message, fills
// the memory or breaks a wish for patience.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "tests/support/scale.h"
#include "tests/support/webhook_bench.h"

namespace costdrift::tests {
namespace {

using namespace std::chrono_literals;
using Times = std::vector<std::chrono::steady_clock::time_point>;

double resident_mib() {
  std::ifstream statm("/proc/self/statm");
  double size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

double p99_ms(const HttpStub& stub, const Times& wanted) {
  std::vector<double> waits;
  auto requests = stub.requests();
  std::erase_if(requests, [](const auto& request) { return request.body.find("sink_problem") != std::string::npos; });
  for (std::size_t i = 0; i < std::min(wanted.size(), requests.size()); ++i) {
    waits.push_back(std::chrono::duration<double, std::milli>(requests[i].arrived - wanted[i]).count());
  }
  std::sort(waits.begin(), waits.end());
  return waits.empty() ? 0 : waits[(waits.size() - 1) * 99 / 100];
}

struct BadSink {
  const char* name;
  StubReply reply;
  bool tls = false;      // an https address where nobody speaks TLS
  bool refuses = false;  // the answer is final: given up, with a reason
  bool takes = false;    // odd, but a success
};
void PrintTo(const BadSink& bad, std::ostream* out) { *out << bad.name; }

class BadSinks : public testing::TestWithParam<BadSink> {};

TEST_P(BadSinks, NeitherDelayAnotherSinkNorLoseAnything) {
  const BadSink& bad = GetParam();
  const int count = scaled(30, 300, 2000);
  HttpStub sound, faulty({bad.reply});
  std::string address = faulty.url();
  if (bad.tls) address.replace(0, 4, "https");
  WebhookBench bench(
      {{.name = "sound", .url = sound.url()}, {.name = "faulty", .url = address, .patience = core::milliseconds(300)}});
  const double before_mib = resident_mib();
  Times wanted;
  // One after the other, as alerts come: each is with the sound sink before the next is decided.
  for (int i = 0; i < count; ++i) {
    bench.want("faulty", "i" + std::to_string(i));
    wanted.push_back(std::chrono::steady_clock::now());
    bench.want("sound", "i" + std::to_string(i));
    ASSERT_TRUE(sound.await_requests(static_cast<std::size_t>(i) + 1));
  }
  ASSERT_TRUE(bench.await_idle("sound"));
  const double grown_mib = resident_mib() - before_mib;
  const double p99 = p99_ms(sound, wanted);
  std::printf("%s: %d messages, the other sink's p99 %.1f ms, memory %+.1f MiB, %lld tried again\n", bad.name, count,
              p99, grown_mib, static_cast<long long>(bench.statistics("faulty").retried));
  EXPECT_EQ(bench.statistics("sound").delivered, count + (bad.refuses ? 1 : 0)) << "a notice when it refuses";
  EXPECT_LT(grown_mib, 80) << "the receiver and its answers of 10 MB are in this process too";
  if (scaled(0, 1, 1) != 0) {
    EXPECT_LE(p99, 100);
  }
  if (bad.refuses || bad.takes) {
    // Gigabytes of answers, where many messages get 10 MB each.
    ASSERT_TRUE(bench.await_idle("faulty", 10s + count * 100ms));
    const auto row = bench.table().get("faulty", "i0");
    ASSERT_TRUE(row);
    EXPECT_EQ(row->dead, bad.refuses);
    EXPECT_EQ(row->reason.empty(), !bad.refuses) << row->reason;
    return;
  }
  if (bad.tls) return;  // nobody there will ever speak TLS
  faulty.script({{}});
  for (int minute = 0; minute < 40 && bench.statistics("faulty").pending > 0; ++minute) {
    ASSERT_TRUE(bench.settle());
    bench.clock.advance(core::minutes(1));
  }
  ASSERT_TRUE(bench.await_idle("faulty"));
  EXPECT_EQ(bench.statistics("faulty").delivered, count) << "after it is mended everything arrives";
}

const std::string kTenMegabytes(10'000'000, 'x');

INSTANTIATE_TEST_SUITE_P(
    Each, BadSinks,
    testing::Values(BadSink{"hangs", {.behaviour = StubBehaviour::hang}},
                    BadSink{"resets", {.behaviour = StubBehaviour::reset}},
                    BadSink{"trickles", {.behaviour = StubBehaviour::trickle}},
                    BadSink{"fails", {.status = 503, .body = "busy"}}, BadSink{"speaks_no_tls", {}, true},
                    BadSink{"redirects", {.status = 307, .headers = {{"Location", "http://192.0.2.1/"}}}, false, true},
                    BadSink{"answers_10_MB", {.status = 200, .body = kTenMegabytes}, false, false, true}),
    [](const auto& bad) { return std::string(bad.param.name); });

// By the delivery's clock: when each request came to the stub.
TEST(SinkFault, NoRequestInsideRetryAfterAndAllArriveAfterIt) {
  HttpStub busy({{429, "slow down", {{"Retry-After", "30"}}}, {503, ""}, {503, ""}, {200, "ok"}});
  WebhookBench bench({{.name = "busy", .url = busy.url()}});
  const int count = scaled(20, 100, 100);
  bench.want("busy", "first");
  ASSERT_TRUE(busy.await_requests(1));
  ASSERT_TRUE(bench.settle());
  for (int i = 0; i < count; ++i) bench.want("busy", "i" + std::to_string(i));
  for (int second = 1; second < 30; ++second) {
    bench.clock.advance(core::seconds(1));
    ASSERT_TRUE(bench.settle());
    ASSERT_EQ(busy.requests().size(), 1U) << "a request " << second << " s after an answer that asked for 30";
  }
  for (int second = 0; second < 120 && bench.statistics("busy").pending > 0; ++second) {
    bench.clock.advance(core::seconds(1));
    ASSERT_TRUE(bench.settle());
  }
  EXPECT_EQ(bench.statistics("busy").delivered, count + 1);
  EXPECT_EQ(bench.statistics("busy").retried, 3);
  std::printf("%d messages behind a 429 and two 503: all delivered, no request in the 30 s asked for\n", count);
}

TEST(SinkFault, OnePoisonAmongAHundredHoldsUpNobody) {
  HttpStub receiver, other;
  receiver.answer_by([](const StubRequest& request) {
    const bool poison = request.body.find("\"i50\"") != std::string::npos;
    return poison ? StubReply{.status = 422, .body = "no"} : StubReply{};
  });
  WebhookBench bench({{.name = "receiver", .url = receiver.url()}, {.name = "other", .url = other.url()}});
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) bench.want("receiver", "i" + std::to_string(i));
  ASSERT_TRUE(bench.await_idle("receiver"));
  const auto took = std::chrono::steady_clock::now() - begin;
  std::printf("99 of 100 delivered in %.0f ms\n", std::chrono::duration<double, std::milli>(took).count());
  EXPECT_EQ(bench.statistics("receiver").delivered, 99);
  EXPECT_EQ(bench.statistics("receiver").rejected, 1);
  if (scaled(0, 1, 1) != 0) {
    EXPECT_LE(took, 2s);
  }
  const auto dead = bench.table().get("receiver", "i50");
  ASSERT_TRUE(dead && dead->dead);
  EXPECT_NE(dead->reason.find("422"), std::string::npos) << dead->reason;
  ASSERT_TRUE(other.await_requests(1)) << "the other sink is told that this one refuses";
  EXPECT_NE(other.requests()[0].body.find("sink_problem"), std::string::npos);
  EXPECT_NE(other.requests()[0].body.find("422"), std::string::npos);
}

}  // namespace
}  // namespace costdrift::tests
