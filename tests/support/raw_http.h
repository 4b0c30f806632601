// A client that sends exactly the bytes a test wants and keeps connections open as long as it wants.
#pragma once

#include <string>
#include <string_view>

namespace costdrift::tests {

class RawConnection {
 public:
  // Connects to 127.0.0.1.
  explicit RawConnection(int port);
  ~RawConnection();
  RawConnection(RawConnection&& other) noexcept;
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  // False: the other side has closed.
  bool send(std::string_view bytes);
  // Everything until the other side closes.
  std::string read_all();

 private:
  int socket_;
};

// One request, the whole answer.
std::string raw_request(int port, std::string_view bytes);
std::string get_request(std::string_view path, std::string_view more_headers = "");
std::string body_of(const std::string& answer);
// "HTTP/1.1 200" -> 200; 0: not an HTTP answer.
int status_of(const std::string& answer);

}  // namespace costdrift::tests
