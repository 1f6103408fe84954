// As much of HTTP/1.1 (RFC 9112) as a monitor speaks: one request without a body, one answer, the
// end of the connection. Touches no socket. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace bullpen::health {

// Bytes of a request, all of its fields with it.
inline constexpr std::size_t k_request_max = std::size_t{8} * 1024;

struct Request {
    std::string method;  // "GET"
    std::string target;  // "/health/mes01", as it was sent
    std::string host;    // of the field Host; empty without one
};

enum class Reading : std::uint8_t {
    more,    // the rest of it is still to come
    whole,   // request() is what was asked
    broken,  // no request, one with a body, or one that is too long
};

class RequestReader {
  public:
    RequestReader();
    ~RequestReader();
    RequestReader(RequestReader&& other) noexcept;
    RequestReader& operator=(RequestReader&& other) noexcept;

    // What came next. After `whole` or `broken` nothing more is taken.
    Reading take(std::string_view bytes);
    // Of a request that is whole.
    [[nodiscard]] Request request() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

struct Answer {
    int status = 200;
    std::string body;  // one JSON object
};

// The whole answer as it is sent. `head_only`: to HEAD, which is told how long the body would be.
std::string bytes_of(const Answer& answer, bool head_only);

}  // namespace bullpen::health
