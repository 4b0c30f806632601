#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "sinks/webhook.h"

namespace costdrift::sinks {
namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kMinKey = 24, kMaxKey = 64;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string encode_base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

// Empty when `text` is not base64.
std::string decode_base64(std::string text) {
  if (text.empty() || text.size() > 1024) return {};
  while (text.size() % 4 != 0) text += '=';
  std::string bytes(text.size(), '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytes_of(text), static_cast<int>(text.size()));
  if (size < 0) return {};
  // OpenSSL counts the padding as bytes.
  const std::size_t padding = text.size() - (text.find_last_not_of('=') + 1);
  if (padding > 2) return {};
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

}  // namespace

core::Result<std::string> decode_signing_secret(std::string_view secret) {
  std::string key = secret.starts_with(kPrefix) ? decode_base64(std::string(secret.substr(kPrefix.size()))) : "";
  if (key.size() < kMinKey || key.size() > kMaxKey) {
    return core::fail(core::ErrorCode::config,
                      "the content of signing_secret_file is not a webhook secret (\"whsec_\" and the base64 of 24 to "
                      "64 bytes): make one with `echo whsec_$(openssl rand -base64 32)`");
  }
  return key;
}

std::string sign_webhook(std::string_view key, std::string_view id, std::int64_t timestamp_s, std::string_view body) {
  const std::string signed_text = std::string(id) + "." + std::to_string(timestamp_s) + "." + std::string(body);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(signed_text), signed_text.size(), digest,
           &size) == nullptr) {
    core::bug("OpenSSL cannot compute HMAC-SHA256");
  }
  return "v1," + encode_base64({reinterpret_cast<const char*>(digest), size});
}

}  // namespace costdrift::sinks
