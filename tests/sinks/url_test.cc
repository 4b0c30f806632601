#include <gtest/gtest.h>

#include "sinks/http_client.h"

namespace costdrift::sinks {
namespace {

std::string problem_of(const std::string& url, bool allow_http = false) {
  const auto result = check_url(url, "url", allow_http);
  return result ? "" : result.error().message;
}

TEST(CheckUrl, TakesHttpsAndHttpToLoopback) {
  for (const char* url : {"https://hooks.slack.com/services/a/b", "HTTPS://Example.org", "http://localhost:8080/x",
                          "http://127.0.0.1/x", "http://127.8.9.1:1/x", "http://[::1]:9/x"}) {
    EXPECT_EQ(problem_of(url), "") << url;
  }
}

TEST(CheckUrl, RefusesPlainHttpToOthersUnlessAllowed) {
  for (const char* url : {"http://example.org/x", "http://127.0.0.1.evil.example/x", "http://localhost.evil.example/",
                          "http://10.0.0.1/x"}) {
    EXPECT_NE(problem_of(url), "") << url;
    EXPECT_EQ(problem_of(url, true), "") << url;
  }
}

TEST(CheckUrl, RefusesWhatIsNotAnAbsoluteWebAddress) {
  for (const char* url : {"", "hooks.slack.com/services", "ftp://example.org/x", "file:///etc/passwd", "https://",
                          "https://user:word@example.org/x", "javascript:alert(1)"}) {
    EXPECT_NE(problem_of(url, true), "") << url;
  }
}

TEST(CheckUrl, ShowsSchemeAndHostOnly) {
  const std::string problem = problem_of("http://example.org/services/s3cret?token=t0ken");
  EXPECT_NE(problem.find("http://example.org/..."), std::string::npos) << problem;
  EXPECT_EQ(problem.find("s3cret"), std::string::npos);
  EXPECT_EQ(problem.find("t0ken"), std::string::npos);
  EXPECT_EQ(problem_of("ftp://example.org/s3cret").find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace costdrift::sinks
