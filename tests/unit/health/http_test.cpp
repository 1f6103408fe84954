#include "health/http.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <string_view>

using namespace bullpen::health;

namespace {

Reading all_of(RequestReader& reader, std::initializer_list<std::string_view> pieces) {
    auto state = Reading::more;
    for (const auto piece : pieces)
        state = reader.take(piece);
    return state;
}

constexpr std::string_view k_plain = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

}  // namespace

TEST_CASE("a request is read however its bytes are cut") {
    for (std::size_t first = 0; first <= k_plain.size(); ++first) {
        for (std::size_t second = first; second <= k_plain.size(); ++second) {
            RequestReader reader;
            CHECK(all_of(reader, {k_plain.substr(0, first), k_plain.substr(first, second - first),
                                  k_plain.substr(second)}) == Reading::whole);
            CHECK(reader.request().method == "GET");
            CHECK(reader.request().target == "/health");
            CHECK(reader.request().host == "localhost");
        }
    }
}

TEST_CASE("a request that is not over is waited for") {
    for (std::size_t size = 0; size < k_plain.size(); ++size) {
        RequestReader reader;
        CHECK(reader.take(k_plain.substr(0, size)) == Reading::more);
    }
}

TEST_CASE("a request of the older HTTP, without a host, is one") {
    RequestReader reader;
    CHECK(reader.take("HEAD /health/mes01 HTTP/1.0\r\n\r\n") == Reading::whole);
    CHECK(reader.request().method == "HEAD");
    CHECK(reader.request().target == "/health/mes01");
    CHECK(reader.request().host.empty());
}

TEST_CASE("what is no request, has a body or does not end is broken") {
    for (const std::string_view text :
         {"hello\r\n\r\n", "GET /health\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n",
          "GET /health HTTP/1.1\r\nno field\r\n\r\n",
          "POST /health HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
          "POST /health HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
          "GET /health HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "GET /health HTTP/1.1\r\nContent-Length: minus\r\n\r\n"}) {
        CAPTURE(text);
        RequestReader reader;
        CHECK(reader.take(text) == Reading::broken);
        CHECK(reader.take(k_plain) == Reading::broken);
    }
    RequestReader reader;
    auto state = reader.take("GET /health HTTP/1.1\r\n");
    std::size_t sent = 0;
    for (; state == Reading::more && sent < 2 * k_request_max; sent += 100)
        state = reader.take("X-Field: " + std::string(89, 'a') + "\r\n");
    CHECK(state == Reading::broken);
    CHECK(sent <= k_request_max + 100);
}

TEST_CASE("an answer says how long it is, that it ends the connection, and that none keeps it") {
    const Answer answer{503, R"({"health":"CRITICAL"})"};
    const auto bytes = bytes_of(answer, false);
    CHECK(bytes.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
    CHECK(bytes.find("\r\nContent-Length: 22\r\n") != std::string::npos);
    CHECK(bytes.find("\r\nConnection: close\r\n") != std::string::npos);
    CHECK(bytes.find("\r\nCache-Control: no-store\r\n") != std::string::npos);
    CHECK(bytes.ends_with("\r\n\r\n" + answer.body + "\n"));
    const auto head = bytes_of(answer, true);
    CHECK(head.find("\r\nContent-Length: 22\r\n") != std::string::npos);
    CHECK(head.ends_with("\r\n\r\n"));
    CHECK(bytes_of({405, "{}"}, false).find("\r\nAllow: GET, HEAD\r\n") != std::string::npos);
}
