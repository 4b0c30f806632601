#include <gtest/gtest.h>

#include "daemon/http/access.h"

namespace costdrift::daemon {
namespace {

ListenAddress listen_on(std::string_view text) { return *parse_listen_address(text); }

TEST(ListenAddress, ReadsNamesIpv4AndIpv6) {
  EXPECT_EQ(listen_on("127.0.0.1:8321").host, "127.0.0.1");
  EXPECT_EQ(listen_on("127.0.0.1:8321").port, 8321);
  EXPECT_EQ(listen_on("[::1]:0").host, "::1");
  EXPECT_EQ(listen_on("LocalHost:80").host, "localhost");
}

TEST(ListenAddress, KnowsWhatIsLoopback) {
  for (const char* text : {"127.0.0.1:1", "127.3.2.1:1", "[::1]:1", "localhost:1"}) {
    EXPECT_TRUE(listen_on(text).loopback) << text;
  }
  for (const char* text : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "127.example.com:1", "costdrift.example.com:1"}) {
    EXPECT_FALSE(listen_on(text).loopback) << text;
  }
}

TEST(ListenAddress, SaysWhichFormsAreRight) {
  for (const char* text : {"", "8321", "127.0.0.1", ":8321", "127.0.0.1:http", "127.0.0.1:65536", "127.0.0.1:-1",
                           "[::1]", "[::1", "[::1]8321", "::1:8321", "[[x]:80", "a b:80", "a\x1b[31m:80"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, core::ErrorCode::config);
    EXPECT_NE(address.error().message.find("write host:port"), std::string::npos) << address.error().message;
  }
}

TEST(HostAndPort, BracketsIpv6Only) {
  EXPECT_EQ(host_and_port("::1", 80), "[::1]:80");
  EXPECT_EQ(host_and_port("127.0.0.1", 80), "127.0.0.1:80");
}

TEST(AccessPolicy, OnLoopbackOnlyLoopbackNamesAreOurs) {
  const AccessPolicy policy(listen_on("127.0.0.1:8321"), "", {});
  for (const char* host : {"127.0.0.1", "127.0.0.1:8321", "localhost:8321", "LOCALHOST", "[::1]:8321"}) {
    EXPECT_TRUE(policy.host_is_ours(host)) << host;
  }
  for (const char* host : {"evil.example", "evil.example:8321", "10.0.0.1", "", ":8321", "localhost.evil.example",
                           "127.0.0.1.evil.example", "[::1", "localhost@evil.example", "localhost:x", "[::1]:80x"}) {
    EXPECT_FALSE(policy.host_is_ours(host)) << host;
  }
  EXPECT_FALSE(policy.host_is_ours(std::string_view("127.0.0.1\0.evil.example", 23))) << "the C library reads to the 0";
}

TEST(AccessPolicy, TheHostOfThePublicUrlIsOurs) {
  const AccessPolicy policy(listen_on("127.0.0.1:8321"), "https://costdrift.example.com:8443/base", {});
  EXPECT_TRUE(policy.host_is_ours("costdrift.example.com"));
  EXPECT_TRUE(policy.host_is_ours("Costdrift.Example.com:8443"));
  EXPECT_FALSE(policy.host_is_ours("example.com"));
}

TEST(AccessPolicy, BeyondLoopbackAddressesInDigitsAreOursButForeignNamesAreNot) {
  const AccessPolicy policy(listen_on("0.0.0.0:8321"), "", {"Bearer x"});
  EXPECT_TRUE(policy.host_is_ours("10.1.2.3:8321"));
  EXPECT_TRUE(policy.host_is_ours("[fd00::1]:8321"));
  EXPECT_FALSE(policy.host_is_ours("evil.example:8321"));
}

TEST(AccessPolicy, AcceptsExactlyTheGivenAuthorizations) {
  const AccessPolicy policy(listen_on("0.0.0.0:8321"), "", {"Bearer secret", "Basic abc"});
  EXPECT_TRUE(policy.needs_token());
  EXPECT_TRUE(policy.token_is_right("Bearer secret"));
  EXPECT_TRUE(policy.token_is_right("Basic abc"));
  for (const char* wrong : {"", "Bearer", "Bearer secre", "Bearer secrets", "Bearer Secret", "secret"}) {
    EXPECT_FALSE(policy.token_is_right(wrong)) << wrong;
  }
}

TEST(AccessPolicy, WithoutAuthorizationsEverybodyMayRead) {
  const AccessPolicy policy(listen_on("127.0.0.1:8321"), "", {});
  EXPECT_FALSE(policy.needs_token());
  EXPECT_TRUE(policy.token_is_right(""));
  EXPECT_TRUE(policy.token_is_right("Bearer anything"));
}

}  // namespace
}  // namespace costdrift::daemon
