// The daemon under the restrictions of its systemd unit: it reads, tells, is killed, goes on, and ends as without them.
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

#include "tests/support/http_stub.h"
#include "tests/support/mock_kafka.h"
#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/running_daemon.h"
#include "tests/support/traffic_log.h"

namespace costdrift::tests {
namespace {

using namespace std::chrono_literals;

constexpr const char* kTopic = "llm.usage";

// Restrictions that tests/sandbox puts on a program.
const std::set<std::string> kApplied = {"AmbientCapabilities=",
                                        "CapabilityBoundingSet=",
                                        "LimitCORE=0",

                                        "LockPersonality=yes",
                                        "MemoryDenyWriteExecute=yes",
                                        "NoNewPrivileges=yes",
                                        "ProcSubset=pid",
                                        "ProtectClock=yes",
                                        "ProtectHome=yes",
                                        "ProtectHostname=yes",
                                        "ProtectKernelLogs=yes",
                                        "ProtectKernelModules=yes",
                                        "ProtectKernelTunables=yes",
                                        "ProtectControlGroups=yes",
                                        "ProtectProc=invisible",
                                        "ProtectSystem=strict",
                                        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
                                        "RestrictNamespaces=yes",
                                        "RestrictRealtime=yes",
                                        "SystemCallErrorNumber=EPERM",
                                        "SystemCallFilter=@system-service",
                                        "SystemCallFilter=~@privileged @resources",
                                        "UMask=0077"};
// Those that need systemd itself, or that nothing of the daemon comes near.
const std::set<std::string> kLeftToSystemd = {"DevicePolicy=closed",
                                              "DynamicUser=yes",
                                              "LimitNOFILE=65536",
                                              "IPAddressDeny=169.254.169.254 fd00:ec2::254",
                                              "MemoryHigh=2G",
                                              "MemoryMax=3G",
                                              "PrivateDevices=yes",
                                              "PrivateTmp=yes",
                                              "PrivateUsers=yes",
                                              "RemoveIPC=yes",
                                              "RestrictSUIDSGID=yes",
                                              "StateDirectoryMode=0700",
                                              "SystemCallArchitectures=native",
                                              "TasksMax=256"};

bool is_restriction(const std::string& line) {
  static const std::regex kKinds(
      "(Ambient|Capability|Device|Dynamic|IPAddress|Limit|Lock|Memory|NoNew|Private|Proc|Protect|Remove|Restrict[A-Z]|"
      "StateDirectoryMode|SystemCall|TasksMax|UMask).*");
  return std::regex_match(line, kKinds) && line.rfind("RestartPrevent", 0) != 0;
}

// Empty: the sandbox works here.
std::string why_not() {
  const TempDir directory;
  std::string said;
  const int status = run({sandbox_program(), directory.path(), "/bin/true"}, nullptr, &said);
  return status == 0 ? "" : said + "(exit status " + std::to_string(status) + ")";
}

TEST(Sandbox, KnowsEveryRestrictionOfTheUnit) {
  std::istringstream unit(read_file(source_path("packaging/costdrift.service")));
  std::size_t known = 0;
  for (std::string line; std::getline(unit, line);) {
    if (!is_restriction(line)) continue;
    EXPECT_TRUE(kApplied.contains(line) || kLeftToSystemd.contains(line)) << line;
    ++known;
  }
  EXPECT_EQ(known, kApplied.size() + kLeftToSystemd.size()) << "the unit has lost restrictions";
}

TEST(Sandbox, Restricts) {
  if (const auto why = why_not(); !why.empty()) GTEST_SKIP() << why;
  const TempDir directory;
  const auto in_sandbox = [&](const std::string& command) {
    return run({sandbox_program(), directory.path(), "/bin/sh", "-c", command});
  };
  EXPECT_EQ(in_sandbox("touch " + directory.file("allowed")), 0);
  EXPECT_NE(in_sandbox("touch " + directory.path() + "-elsewhere"), 0);
  EXPECT_NE(in_sandbox("cat /proc/sys/kernel/ostype"), 0);
  EXPECT_NE(in_sandbox("nice -n -5 true 2>&1 | grep . && exit 1"), 0) << "setpriority";
  EXPECT_NE(in_sandbox("unshare -n true"), 0);
}

TEST(Sandbox, TheDaemonDoesItsWorkInIt) {
  if (const auto why = why_not(); !why.empty()) GTEST_SKIP() << why;
  MockKafka kafka(kTopic, 2, 1);
  const TrafficLog log = demo_traffic(2, {"support-bot", "checkout-assist"});
  const HttpStub webhook;
  RunningDaemon daemon({.binary = costdrift_program(),
                        .bootstrap = kafka.bootstrap(),
                        .topic = kTopic,
                        .webhook_url = webhook.url(),
                        .extra_yaml = "",
                        .state_options = "",
                        .launcher = sandbox_program()});
  ASSERT_TRUE(publish(log, kafka.bootstrap(), kTopic));
  daemon.start();
  daemon.kill_after(300ms);
  daemon.start();
  ASSERT_TRUE(daemon.await_consumed(log.records(), 60s)) << daemon.log();
  ASSERT_EQ(daemon.stop_gently(), 0) << daemon.log();
  EXPECT_GE(webhook.requests().size(), 1U) << "an alert, told over HTTP";
  EXPECT_EQ(daemon.log().find("\"level\":\"error\""), std::string::npos) << daemon.log();

  const TempDir directory;
  ASSERT_EQ(daemon.replay(write_files(log, directory), directory.file("alerts"), directory.file("state")), 0);
  EXPECT_EQ(first_difference(daemon.dump_of(directory.file("state")), daemon.dump()), "");
}

}  // namespace
}  // namespace costdrift::tests
