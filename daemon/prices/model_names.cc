#include "daemon/prices/model_names.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace costdrift::daemon {
namespace {

constexpr std::size_t kMaxName = 256;  // longer names are in no list

// Names of OpenTelemetry's conventions -> prefixes of LiteLLM's list.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kProviderPrefixes{{
    {"azure.ai.openai", "azure"},
    {"azure.ai.inference", "azure_ai"},
    {"az.ai.openai", "azure"},
    {"aws.bedrock", "bedrock"},
    {"gcp.vertex_ai", "vertex_ai"},
    {"gcp.gemini", "gemini"},
    {"gcp.gen_ai", "gemini"},
    {"x_ai", "xai"},
    {"mistral_ai", "mistral"},
}};

constexpr std::array<std::string_view, 8> kBedrockRegions = {"us.", "eu.", "apac.",   "global.",
                                                             "jp.", "au.", "us-gov.", "ca."};
constexpr std::array<std::string_view, 10> kBedrockVendors = {
    "anthropic.", "amazon.", "meta.", "mistral.", "cohere.", "ai21.", "deepseek.", "openai.", "qwen.", "writer."};

template <std::size_t N>
std::string_view without_one_of(const std::array<std::string_view, N>& prefixes, std::string_view name) {
  for (const std::string_view prefix : prefixes) {
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  }
  return name;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// True when `text` ends in `shape`, in which 0 stands for any digit.
bool ends_in_shape(std::string_view text, std::string_view shape) {
  if (text.size() <= shape.size()) return false;
  text.remove_prefix(text.size() - shape.size());
  return std::equal(shape.begin(), shape.end(), text.begin(),
                    [](char want, char have) { return want == '0' ? is_digit(have) : want == have; });
}

std::string_view without_suffix_shape(std::string_view name, std::string_view shape) {
  return ends_in_shape(name, shape) ? name.substr(0, name.size() - shape.size()) : name;
}

std::string_view without_date_and_version(std::string_view name) {
  name = without_suffix_shape(name, "-v0:0");
  name = without_suffix_shape(name, "@00000000");
  name = without_suffix_shape(name, "-0000-00-00");
  return without_suffix_shape(name, "-00000000");
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

void ModelNames::add(std::string_view name, std::uint32_t entry) {
  entries_.try_emplace(std::string(name), entry);
  const auto slash = name.find('/');
  if (slash != std::string_view::npos) prefixes_.emplace(name.substr(0, slash));
}

ModelNames::Entry ModelNames::exact(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? Entry() : Entry(found->second);
}

ModelNames::Entry ModelNames::with_prefix(std::string_view provider, std::string_view model) const {
  if (prefixes_.empty() || provider.empty()) return {};
  for (const auto& [convention, prefix] : kProviderPrefixes) {
    if (provider == convention) provider = prefix;
  }
  if (!prefixes_.contains(provider) || provider.size() + 1 + model.size() > kMaxName) return {};
  std::array<char, kMaxName> name;
  std::memcpy(name.data(), provider.data(), provider.size());
  name[provider.size()] = '/';
  std::memcpy(name.data() + provider.size() + 1, model.data(), model.size());
  return exact({name.data(), provider.size() + 1 + model.size()});
}

ModelNames::Entry ModelNames::without_version(std::string_view name) const {
  const std::string_view shorter = without_date_and_version(name);
  return shorter.size() == name.size() ? Entry() : exact(shorter);
}

ModelNames::Entry ModelNames::find_exact(std::string_view provider, std::string_view model) const {
  if (entries_.empty()) return {};
  if (const Entry found = with_prefix(provider, model)) return found;
  return exact(model);
}

ModelNames::Entry ModelNames::as_spelled(std::string_view provider, std::string_view model) const {
  if (const Entry found = find_exact(provider, model)) return found;
  std::string_view bare = model;
  for (auto slash = bare.find('/'); slash != std::string_view::npos; slash = bare.find('/')) {
    bare.remove_prefix(slash + 1);
    if (const Entry found = exact(bare)) return found;
  }
  const std::string_view regionless = without_one_of(kBedrockRegions, bare);
  const std::string_view vendorless = without_one_of(kBedrockVendors, regionless);
  if (const Entry found = exact(regionless)) return found;
  if (const Entry found = exact(vendorless)) return found;
  for (const std::string_view name : {model, bare, regionless, vendorless}) {
    if (const Entry found = without_version(name)) return found;
  }
  return {};
}

ModelNames::Entry ModelNames::find(std::string_view provider, std::string_view model) const {
  if (entries_.empty()) return {};
  if (const Entry found = as_spelled(provider, model)) return found;
  if (model.size() > kMaxName) return {};
  std::array<char, kMaxName> name;
  std::transform(model.begin(), model.end(), name.begin(), lower);
  const std::string_view lowered(name.data(), model.size());
  return lowered == model ? Entry() : as_spelled(provider, lowered);
}

}  // namespace costdrift::daemon
