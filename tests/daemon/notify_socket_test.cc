#include "daemon/notify_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace costdrift::daemon {
namespace {

// What a service manager does: a datagram socket that keeps what it is sent.
class Manager {
 public:
  explicit Manager(const std::string& address) {
    sockaddr_un own{};
    own.sun_family = AF_UNIX;
    std::memcpy(own.sun_path, address.data(), address.size());
    const bool abstract = address.front() == '@';
    if (abstract) own.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size() + (abstract ? 0 : 1));
    bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&own), length) == 0;
  }
  ~Manager() { ::close(fd); }

  // The next datagram; empty when there is none.
  std::string next() {
    std::array<char, 1024> buffer;
    const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }

  int fd = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  bool bound = false;
};

std::string unique_name(const char* purpose) { return std::string(purpose) + std::to_string(::getpid()); }

TEST(NotifySocket, SendsOneDatagramForEachMessage) {
  const std::string path = testing::TempDir() + unique_name("notify");
  Manager manager(path);
  ASSERT_TRUE(manager.bound);
  const NotifySocket socket(path, std::nullopt);
  ASSERT_TRUE(socket.ready());
  ASSERT_TRUE(socket.watchdog());
  ASSERT_TRUE(socket.stopping());
  ASSERT_TRUE(socket.extend_timeout(core::seconds(30)));
  EXPECT_EQ(manager.next(), "READY=1");
  EXPECT_EQ(manager.next(), "WATCHDOG=1");
  EXPECT_EQ(manager.next(), "STOPPING=1");
  EXPECT_EQ(manager.next(), "EXTEND_TIMEOUT_USEC=30000000");
  EXPECT_EQ(manager.next(), "");
  std::filesystem::remove(path);
}

TEST(NotifySocket, ReachesAbstractNames) {
  const std::string name = "@" + unique_name("costdrift-notify-");
  Manager manager(name);
  ASSERT_TRUE(manager.bound);
  ASSERT_TRUE(NotifySocket(name, std::nullopt).ready());
  EXPECT_EQ(manager.next(), "READY=1");
}

TEST(NotifySocket, AStatusCannotSmuggleInAnotherMessage) {
  const std::string name = "@" + unique_name("costdrift-status-");
  Manager manager(name);
  ASSERT_TRUE(NotifySocket(name, std::nullopt).status("412 series\nREADY=1"));
  EXPECT_EQ(manager.next(), "STATUS=412 series\\x0aREADY=1");
}

TEST(NotifySocket, WithoutAManagerNothingHappens) {
  const NotifySocket socket("", std::nullopt);
  EXPECT_FALSE(socket.enabled());
  EXPECT_TRUE(socket.ready());
}

TEST(NotifySocket, AManagerThatIsGoneIsAnError) {
  const auto sent = NotifySocket("/nonexistent/notify", std::nullopt).ready();
  ASSERT_FALSE(sent);
  EXPECT_NE(sent.error().message.find("/nonexistent/notify"), std::string::npos);
  EXPECT_FALSE(NotifySocket(std::string(200, 'x'), std::nullopt).ready());
}

class NotifyEnvironment : public testing::Test {
 protected:
  void TearDown() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }
};

TEST_F(NotifyEnvironment, ReadsTheAddressAndTheWatchdog) {
  ::setenv("NOTIFY_SOCKET", "@x", 1);
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  const NotifySocket socket = NotifySocket::from_environment();
  EXPECT_TRUE(socket.enabled());
  EXPECT_EQ(socket.watchdog_timeout(), core::seconds(30));
}

TEST_F(NotifyEnvironment, AWatchdogForAnotherProcessIsNotOurs) {
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(NotifySocket::from_environment().watchdog_timeout(), std::nullopt);
}

TEST_F(NotifyEnvironment, IsDisabledWithoutASocket) {
  const NotifySocket socket = NotifySocket::from_environment();
  EXPECT_FALSE(socket.enabled());
  EXPECT_EQ(socket.watchdog_timeout(), std::nullopt);
}

}  // namespace
}  // namespace costdrift::daemon
