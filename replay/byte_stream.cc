#include "replay/byte_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace costdrift::replay {
namespace {

constexpr std::size_t kInputBuffer = 1 << 18;

// The file as it is.
class RawFile {
 public:
  RawFile(int descriptor, std::string path, std::int64_t total)
      : descriptor_(descriptor), path_(std::move(path)), total_(total) {}
  ~RawFile() {
    if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
  }
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;

  core::Result<std::size_t> read(char* into, std::size_t size) {
    for (;;) {
      const ssize_t got = ::read(descriptor_, into, size);
      if (got >= 0) {
        read_ += got;
        return static_cast<std::size_t>(got);
      }
      if (errno != EINTR) {
        return core::fail(core::ErrorCode::io, "reading " + path_ + ": " + std::strerror(errno));
      }
    }
  }
  const std::string& path() const { return path_; }
  std::int64_t bytes_read() const { return read_; }
  std::int64_t bytes_total() const { return total_; }

 private:
  int descriptor_;
  std::string path_;
  std::int64_t total_;
  std::int64_t read_ = 0;
};

// Feeds a decompressor (or nothing) from the file.
class Buffered : public ByteStream {
 public:
  Buffered(std::unique_ptr<RawFile> file, std::string head) : file_(std::move(file)), input_(kInputBuffer) {
    std::memcpy(input_.data(), head.data(), head.size());
    end_ = head.size();
  }
  std::int64_t bytes_read() const override { return file_->bytes_read(); }
  std::int64_t bytes_total() const override { return file_->bytes_total(); }

 protected:
  // Makes sure that input is there unless the file has ended.
  core::Result<bool> refill() {
    if (begin_ < end_) return true;
    auto got = file_->read(input_.data(), input_.size());
    if (!got) return got.error();
    begin_ = 0;
    end_ = *got;
    return end_ > 0;
  }
  core::Error damaged(const char* what) const {
    return core::fail(core::ErrorCode::bad_data,
                      "reading " + file_->path() + ": " + what + "; the file is cut off or damaged, fetch it again");
  }
  std::unique_ptr<RawFile> file_;
  std::vector<char> input_;
  std::size_t begin_ = 0, end_ = 0;
};

class PlainStream final : public Buffered {
 public:
  using Buffered::Buffered;
  core::Result<std::size_t> read(char* into, std::size_t size) override {
    if (begin_ == end_) return file_->read(into, size);
    // The bytes by which the kind of file was told.
    const std::size_t n = std::min(size, end_ - begin_);
    std::memcpy(into, input_.data() + begin_, n);
    begin_ += n;
    return n;
  }
};

class GzipStream final : public Buffered {
 public:
  GzipStream(std::unique_ptr<RawFile> file, std::string head) : Buffered(std::move(file), std::move(head)) {
    inflateInit2(&stream_, 16 + MAX_WBITS);
  }
  ~GzipStream() override { inflateEnd(&stream_); }
  core::Result<std::size_t> read(char* into, std::size_t size) override {
    stream_.next_out = reinterpret_cast<Bytef*>(into);
    stream_.avail_out = static_cast<uInt>(size);
    while (stream_.avail_out == size) {
      auto more = refill();
      if (!more) return more.error();
      if (!*more) {
        if (!member_ended_) return damaged("the gzip data ends too early");
        return std::size_t{0};
      }
      if (member_ended_) inflateReset(&stream_);  // several members in a row are one file
      stream_.next_in = reinterpret_cast<Bytef*>(input_.data() + begin_);
      stream_.avail_in = static_cast<uInt>(end_ - begin_);
      const int status = inflate(&stream_, Z_NO_FLUSH);
      begin_ = end_ - stream_.avail_in;
      member_ended_ = status == Z_STREAM_END;
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) return damaged("not valid gzip data");
    }
    return size - stream_.avail_out;
  }

 private:
  z_stream stream_{};
  bool member_ended_ = false;
};

class ZstdStream final : public Buffered {
 public:
  ZstdStream(std::unique_ptr<RawFile> file, std::string head)
      : Buffered(std::move(file), std::move(head)), stream_(ZSTD_createDStream()) {}
  ~ZstdStream() override { ZSTD_freeDStream(stream_); }
  core::Result<std::size_t> read(char* into, std::size_t size) override {
    ZSTD_outBuffer out{into, size, 0};
    while (out.pos == 0) {
      auto more = refill();
      if (!more) return more.error();
      if (!*more) {
        if (frame_open_) return damaged("the zstd data ends too early");
        return std::size_t{0};
      }
      ZSTD_inBuffer in{input_.data() + begin_, end_ - begin_, 0};
      const std::size_t status = ZSTD_decompressStream(stream_, &out, &in);
      begin_ += in.pos;
      if (ZSTD_isError(status)) return damaged("not valid zstd data");
      frame_open_ = status != 0;
    }
    return out.pos;
  }

 private:
  ZSTD_DStream* stream_;
  bool frame_open_ = false;
};

core::Result<std::string> read_head(RawFile& file) {
  std::string head(4, '\0');
  std::size_t have = 0;
  while (have < head.size()) {
    auto got = file.read(head.data() + have, head.size() - have);
    if (!got) return got.error();
    if (*got == 0) break;
    have += *got;
  }
  head.resize(have);
  return head;
}

}  // namespace

core::Result<std::unique_ptr<ByteStream>> ByteStream::open(const std::string& path) {
  const int descriptor = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return core::fail(core::ErrorCode::bad_data, "opening events file " + path + ": " + std::strerror(errno) +
                                                     "; name a readable JSONL file (.gz, .zst) or -");
  }
  struct stat info {};
  const bool regular = fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode);
  auto file = std::make_unique<RawFile>(descriptor, path, regular ? info.st_size : 0);
  auto head = read_head(*file);
  if (!head) return head.error();
  if (head->substr(0, 2) == "\x1f\x8b") {
    return std::unique_ptr<ByteStream>(std::make_unique<GzipStream>(std::move(file), *head));
  }
  if (*head == "\x28\xb5\x2f\xfd") {
    return std::unique_ptr<ByteStream>(std::make_unique<ZstdStream>(std::move(file), *head));
  }
  return std::unique_ptr<ByteStream>(std::make_unique<PlainStream>(std::move(file), *head));
}

}  // namespace costdrift::replay
