#include "health/http.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/verb.hpp>
#include <utility>

namespace bullpen::health {

namespace {

namespace http = boost::beast::http;

std::string text_of(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

}  // namespace

struct RequestReader::Parts {
    http::request_parser<http::empty_body> parser;
    std::string pending;  // what the parser has seen no end of
    std::size_t taken = 0;
    Reading state = Reading::more;
};

RequestReader::RequestReader() : parts_(std::make_unique<Parts>()) {
    parts_->parser.header_limit(k_request_max);
}

RequestReader::~RequestReader() = default;
RequestReader::RequestReader(RequestReader&& other) noexcept = default;
RequestReader& RequestReader::operator=(RequestReader&& other) noexcept = default;

Reading RequestReader::take(std::string_view bytes) {
    auto& [parser, pending, taken, state] = *parts_;
    if (state != Reading::more)
        return state;
    taken += bytes.size();
    if (taken > k_request_max)
        return state = Reading::broken;
    pending.append(bytes);
    while (!parser.is_header_done()) {
        boost::beast::error_code failed;
        const auto used = parser.put(boost::asio::buffer(pending), failed);
        pending.erase(0, used);
        if (failed == http::error::need_more)
            return state;
        if (failed)
            return state = Reading::broken;
        if (used == 0)
            return state;
    }
    // A body would be of a request that changes something, and there is none here.
    const bool body = parser.chunked() || (parser.content_length() && *parser.content_length() > 0);
    return state = body ? Reading::broken : Reading::whole;
}

Request RequestReader::request() const {
    const auto& message = parts_->parser.get();
    return {text_of(message.method_string()), text_of(message.target()),
            text_of(message[http::field::host])};
}

std::string bytes_of(const Answer& answer, bool head_only) {
    const auto body = answer.body + "\n";
    std::string bytes =
        "HTTP/1.1 " + std::to_string(answer.status) + " " +
        text_of(http::obsolete_reason(static_cast<http::status>(answer.status))) +
        "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\nCache-Control: no-store\r\n";
    if (answer.status == static_cast<int>(http::status::method_not_allowed))
        bytes += "Allow: GET, HEAD\r\n";
    bytes += "Connection: close\r\n\r\n";
    return head_only ? bytes : bytes + body;
}

}  // namespace bullpen::health
