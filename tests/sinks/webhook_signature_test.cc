#include <gtest/gtest.h>

#include "sinks/webhook.h"

namespace costdrift::sinks {
namespace {

// The test vector of the Standard Webhooks repository.
TEST(WebhookSignature, IsThatOfTheSpecification) {
  const auto key = decode_signing_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  ASSERT_TRUE(key);
  EXPECT_EQ(sign_webhook(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSignature, ChangesWithIdTimeAndBody) {
  const std::string key(24, 'k');
  const std::string signature = sign_webhook(key, "id", 1, "body");
  EXPECT_NE(signature, sign_webhook(key, "ie", 1, "body"));
  EXPECT_NE(signature, sign_webhook(key, "id", 2, "body"));
  EXPECT_NE(signature, sign_webhook(key, "id", 1, "bodz"));
}

TEST(SigningSecret, RefusesWhatIsNotOneAndSaysHowToMakeOne) {
  for (const char* wrong : {"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_!!!!!!!!",
                            "whsec_====", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS*"}) {
    const auto key = decode_signing_secret(wrong);
    ASSERT_FALSE(key) << wrong;
    EXPECT_NE(key.error().message.find("openssl rand -base64 32"), std::string::npos);
    EXPECT_EQ(key.error().message.find("c2hvcnQ"), std::string::npos);
  }
}

TEST(SigningSecret, TakesKeysOf24To64BytesWithAndWithoutPadding) {
  const std::string secret_of_25 = "whsec_" + std::string(33, 'A') + "A==";
  EXPECT_EQ(decode_signing_secret(secret_of_25)->size(), 25u);
  EXPECT_EQ(decode_signing_secret("whsec_" + std::string(34, 'A'))->size(), 25u);
  EXPECT_FALSE(decode_signing_secret("whsec_" + std::string(88, 'A')));
}

}  // namespace
}  // namespace costdrift::sinks
