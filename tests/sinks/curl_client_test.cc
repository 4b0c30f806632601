#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "sinks/http_client.h"
#include "tests/support/http_stub.h"

namespace costdrift::sinks {
namespace {

using tests::HttpStub;
using tests::StubBehaviour;

constexpr const char* kSecretPath = "/services/T0SECRET?token=t0ken";

HttpRequest request_to(const HttpStub& stub) {
  return {stub.url(kSecretPath), {{"X-Test", "yes"}}, "{\"a\":1}", false};
}

HttpClientOptions patient() {
  HttpClientOptions options;
  options.user_agent = "costdrift/9.9";
  return options;
}

HttpClientOptions impatient() {
  HttpClientOptions options = patient();
  options.total_timeout = core::milliseconds(200);
  return options;
}

void expect_failure_without_secret(const HttpReply& reply) {
  EXPECT_EQ(reply.status, 0);
  EXPECT_NE(reply.transport_error, "");
  EXPECT_EQ(reply.transport_error.find("SECRET"), std::string::npos) << reply.transport_error;
  EXPECT_EQ(reply.transport_error.find("t0ken"), std::string::npos) << reply.transport_error;
}

TEST(CurlClient, PostsBodyAndHeadersAndReadsTheReply) {
  HttpStub stub({{429, "slow down", {{"Retry-After", " 7 "}}}});
  const HttpReply reply = make_curl_client(patient())->post(request_to(stub));
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.body, "slow down");
  EXPECT_EQ(reply.headers.at("retry-after"), "7");
  EXPECT_EQ(reply.transport_error, "");
  const tests::StubRequest seen = stub.requests().at(0);
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, kSecretPath);
  EXPECT_EQ(seen.body, "{\"a\":1}");
  EXPECT_EQ(seen.headers.at("x-test"), "yes");
  EXPECT_EQ(seen.headers.at("user-agent"), "costdrift/9.9");
  EXPECT_EQ(seen.headers.count("expect"), 0u);
}

TEST(CurlClient, IsUsedForManyRequests) {
  HttpStub stub({{500, "a"}, {200, "b"}});
  const auto client = make_curl_client(patient());
  EXPECT_EQ(client->post(request_to(stub)).body, "a");
  EXPECT_EQ(client->post(request_to(stub)).body, "b");
}

TEST(CurlClient, GivesUpOnAServerThatHangs) {
  HttpStub stub({{.behaviour = StubBehaviour::hang}});
  expect_failure_without_secret(make_curl_client(impatient())->post(request_to(stub)));
}

TEST(CurlClient, GivesUpOnAServerThatTrickles) {
  HttpStub stub({{.behaviour = StubBehaviour::trickle}});
  expect_failure_without_secret(make_curl_client(impatient())->post(request_to(stub)));
}

TEST(CurlClient, ReportsAResetConnection) {
  HttpStub stub({{.behaviour = StubBehaviour::reset}});
  expect_failure_without_secret(make_curl_client(impatient())->post(request_to(stub)));
}

TEST(CurlClient, ReportsThatNobodyListens) {
  HttpRequest request;
  {
    const HttpStub gone;
    request = request_to(gone);
  }
  expect_failure_without_secret(make_curl_client(impatient())->post(request));
}

TEST(CurlClient, CutsAnOversizeReplyAndKeepsItsStatus) {
  HttpStub stub({{200, std::string(10'000'000, 'x')}});
  const HttpReply reply = make_curl_client({})->post(request_to(stub));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body.size(), 64u * 1024);
  EXPECT_EQ(reply.transport_error, "");
}

TEST(CurlClient, DoesNotFollowRedirects) {
  HttpStub target;
  HttpStub stub({{307, "", {{"Location", target.url()}}}});
  EXPECT_EQ(make_curl_client(impatient())->post(request_to(stub)).status, 307);
  EXPECT_TRUE(target.requests().empty());
}

TEST(CurlClient, IgnoresTheProxyOfTheEnvironment) {
  HttpStub proxy, stub;
  setenv("http_proxy", proxy.url().c_str(), 1);
  const HttpReply reply = make_curl_client(impatient())->post(request_to(stub));
  unsetenv("http_proxy");
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(proxy.requests().empty());
}

TEST(CurlClient, RefusesPlainHttpToOtherHosts) {
  HttpRequest request;
  request.url = "http://192.0.2.1/x";
  const HttpReply reply = make_curl_client(impatient())->post(request);
  EXPECT_EQ(reply.transport_error, "plain http:// to 192.0.2.1 is not allowed: use https://");
}

TEST(CurlClient, RefusesLinkLocalAddressesEvenWhenHttpIsAllowed) {
  HttpRequest request;
  request.url = "http://169.254.169.254/latest/meta-data";
  request.allow_http = true;
  HttpClientOptions options = impatient();
  options.connect_timeout = core::seconds(60);
  options.total_timeout = core::seconds(60);  // a refusal does not wait for a time-out
  expect_failure_without_secret(make_curl_client(options)->post(request));
}

TEST(CurlClient, RefusesAServerThatDoesNotSpeakTls) {
  HttpStub stub;
  HttpRequest request = request_to(stub);
  request.url.replace(0, 4, "https");
  expect_failure_without_secret(make_curl_client(impatient())->post(request));
  EXPECT_TRUE(stub.requests().empty());
}

TEST(CurlClient, EndsARequestThatIsCancelled) {
  HttpStub stub({{.behaviour = StubBehaviour::hang}});
  HttpClientOptions patient;
  patient.total_timeout = core::seconds(600);
  const auto client = make_curl_client(patient);
  HttpReply reply;
  std::thread sender([&] { reply = client->post(request_to(stub)); });
  const bool arrived = stub.await_requests(1);
  client->cancel();
  sender.join();
  EXPECT_TRUE(arrived);
  EXPECT_EQ(reply.transport_error, "sending to 127.0.0.1 was cancelled because costdrift is stopping");
}

}  // namespace
}  // namespace costdrift::sinks
