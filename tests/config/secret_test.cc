#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "config/settings.h"

namespace costdrift::config {
namespace {

class SecretFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "costdrift-secret-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string write(const std::string& content, mode_t mode = 0600) {
    const std::string path = directory_ + "/s";
    std::ofstream(path) << content;
    ::chmod(path.c_str(), mode);
    return path;
  }

  std::string error_of(const std::string& path) {
    const auto secret = read_secret(path);
    if (secret) return "";
    EXPECT_EQ(secret.error().code, core::ErrorCode::config);
    return secret.error().message;
  }

  std::string directory_;
};

TEST_F(SecretFile, IsReadWithoutTheWhiteSpaceAtItsEnd) {
  const auto secret = read_secret(write("  hunter2 x\r\n\n"));
  ASSERT_TRUE(secret) << secret.error().message;
  EXPECT_EQ(*secret, "  hunter2 x");
  EXPECT_TRUE(read_secret(write("a", 0400)));
}

TEST_F(SecretFile, IsRefusedWhenOthersMayReadIt) {
  for (const mode_t mode : {0644, 0640, 0604, 0660, 0620, 0601}) {
    const std::string path = write("hunter2", mode);
    char octal[8];
    std::snprintf(octal, sizeof octal, "%04o", mode);
    const std::string expected =
        "reading the secret file \"" + path + "\": others may read it (mode " + octal + "); run chmod 600 on it";
    EXPECT_EQ(error_of(path), expected);
  }
}

TEST_F(SecretFile, IsRefusedWhenEmpty) {
  const std::string path = write(" \n");
  EXPECT_EQ(error_of(path), "reading the secret file \"" + path + "\": it is empty; put the secret into it");
}

TEST_F(SecretFile, IsRefusedWhenTooLarge) {
  const std::string path = write(std::string(70'000, 'x'));
  EXPECT_EQ(error_of(path),
            "reading the secret file \"" + path + "\": it is larger than 64 KiB; put nothing but the secret into it");
}

TEST_F(SecretFile, MustExist) {
  const std::string path = directory_ + "/none";
  EXPECT_EQ(error_of(path),
            "reading the secret file \"" + path +
                "\": No such file or directory; create it with the secret in it, readable for costdrift "
                "alone");
}

TEST_F(SecretFile, MustBeAFile) {
  EXPECT_NE(error_of(directory_).find("it is not a file"), std::string::npos);
  const std::string pipe = directory_ + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_NE(error_of(pipe).find("it is not a file"), std::string::npos);  // and does not wait for a writer
}

}  // namespace
}  // namespace costdrift::config
