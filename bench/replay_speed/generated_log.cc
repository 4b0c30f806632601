#include "bench/replay_speed/generated_log.h"

#include <zstd.h>

#include <fstream>
#include <memory>

#include "core/result.h"
#include "daemon/demo/incident_script.h"
#include "daemon/demo/workload.h"

namespace costdrift::bench {
namespace {

namespace fs = std::filesystem;
using daemon::demo::EventBatch;
using daemon::demo::Workload;

constexpr core::Duration kStep = core::minutes(10);
constexpr double kTrialVolume = 0.01;

class LogFile {
 public:
  LogFile(const fs::path& path, bool compressed) : out_(path, std::ios::binary) {
    if (!compressed) return;
    stream_.reset(ZSTD_createCCtx());
    ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_compressionLevel, 1);
    chunk_.resize(ZSTD_CStreamOutSize());
  }
  void write(std::string_view text) {
    if (stream_ == nullptr) {
      out_ << text;
    } else {
      compress(text, ZSTD_e_continue);
    }
  }
  // False: not everything could be written.
  bool finish() {
    if (stream_ != nullptr) compress({}, ZSTD_e_end);
    out_.close();
    return !out_.fail();
  }

 private:
  void compress(std::string_view text, ZSTD_EndDirective how) {
    ZSTD_inBuffer in{text.data(), text.size(), 0};
    for (bool more = true; more;) {
      ZSTD_outBuffer out{chunk_.data(), chunk_.size(), 0};
      const std::size_t left = ZSTD_compressStream2(stream_.get(), &out, &in, how);
      if (ZSTD_isError(left) != 0) core::bug("zstd refuses to compress");
      out_.write(chunk_.data(), static_cast<std::streamsize>(out.pos));
      more = in.pos < in.size || (how == ZSTD_e_end && left > 0);
    }
  }
  struct Free {
    void operator()(ZSTD_CCtx* stream) const { ZSTD_freeCCtx(stream); }
  };
  std::ofstream out_;
  std::unique_ptr<ZSTD_CCtx, Free> stream_;
  std::string chunk_;
};

std::unique_ptr<Workload> workload_of(const LogShape& shape) {
  auto incidents = daemon::demo::parse_incident_script(daemon::demo::shipped_incident_script());
  if (!incidents) core::bug("the demo's own script cannot be read");
  return std::make_unique<Workload>(
      daemon::demo::WorkloadOptions{
          .history_days = shape.days - 1, .partitions = shape.partitions, .volume = shape.volume},
      *std::move(incidents));
}

}  // namespace

std::optional<GeneratedLog> write_log(const LogShape& shape, const fs::path& directory) {
  fs::create_directories(directory);
  GeneratedLog log;
  std::vector<LogFile> files;
  for (int p = 0; p < shape.partitions; ++p) {
    log.paths.push_back(directory / ("p" + std::to_string(p) + (shape.compressed ? ".jsonl.zst" : ".jsonl")));
    files.emplace_back(log.paths.back(), shape.compressed);
  }
  const auto workload = workload_of(shape);
  std::vector<EventBatch> batches(static_cast<std::size_t>(shape.partitions));
  std::string lines;
  while (!workload->finished()) {
    workload->generate_until(workload->now() + kStep, batches);
    for (std::size_t p = 0; p < batches.size(); ++p) {
      lines.clear();
      for (std::size_t i = 0; i < batches[p].size(); ++i) lines.append(batches[p].event(i)).push_back('\n');
      files[p].write(lines);
      batches[p].clear();
    }
  }
  log.events = workload->events();
  bool written = true;
  for (auto& file : files) written = file.finish() && written;
  if (!written) return std::nullopt;
  for (const auto& path : log.paths) log.bytes += static_cast<std::int64_t>(fs::file_size(path));
  return log;
}

double volume_for(std::int64_t events, const LogShape& shape) {
  LogShape trial = shape;
  trial.volume = kTrialVolume;
  const auto workload = workload_of(trial);
  std::vector<EventBatch> batches(static_cast<std::size_t>(shape.partitions));
  while (!workload->finished()) {
    workload->generate_until(workload->now() + kStep, batches);
    for (auto& batch : batches) batch.clear();
  }
  return kTrialVolume * static_cast<double>(events) / static_cast<double>(workload->events());
}

}  // namespace costdrift::bench
