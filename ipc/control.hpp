// The control protocol between bullpenctl and the daemon: a request, then replies until `result` or
// `error` ends it. Commands, arguments and data: docs/protocol.md.
//
// `data` is JSON text (always an object): each side reads it with its own means, and no JSON
// library is needed to include this header.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"

namespace bullpen::ipc {

inline constexpr std::size_t k_control_size_max = std::size_t{8} * 1024 * 1024;
inline constexpr int k_control_depth_max = 16;
inline constexpr std::size_t k_control_accounts_max = 4096;
inline constexpr Nanos k_control_deadline_default = std::chrono::seconds(30);
inline constexpr Nanos k_control_deadline_max = std::chrono::hours(24);

// All arguments that any command takes; a command reads those it documents.
struct RequestArgs {
    std::vector<AccountId> accounts;
    bool wait = true;
    bool dry_run = false;
    bool keep_workers = false;
    std::string signal;  // "TERM", "USR1", ...
    std::string job;     // the account's job that is meant
    std::string amount;  // of money: "500.00"

    friend bool operator==(const RequestArgs&, const RequestArgs&) = default;
};

struct Request {
    std::string id;       // chosen by the asker, repeated in every reply; 1 to 64 characters
    std::string command;  // [a-z_], 1 to 32 characters; an unknown one is answered by `error`
    RequestArgs args;
    Nanos deadline = k_control_deadline_default;  // from receiving to the last reply
    std::string user;  // login name of the person asking, for the audit log

    friend bool operator==(const Request&, const Request&) = default;
};

enum class ReplyKind : std::uint8_t {
    progress,  // still at it
    verdict,   // the outcome for one account; more follow
    result,    // the end; `ok` says how it went as a whole
    error,     // the end; the request could not be served
};

struct Reply {
    std::string id;
    ReplyKind kind = ReplyKind::result;
    std::optional<AccountId> account{};
    bool ok = true;
    std::string code;     // stable, snake_case: "started", "already_running", "timed_out", ...
    std::string message;  // for people
    std::string data = "{}";
    // Of a result: for how many accounts something was asked, and how many of them failed; zero
    // when it was about none.
    std::uint32_t asked = 0;
    std::uint32_t failed = 0;

    [[nodiscard]] bool last() const {
        return kind == ReplyKind::result || kind == ReplyKind::error;
    }
    friend bool operator==(const Reply&, const Reply&) = default;
};

std::string encode(const Request& request);
// `data` must be JSON of an object; anything else is a programmer's error.
std::string encode(const Reply& reply);
Result<Request> decode_request(std::string_view frame);
Result<Reply> decode_reply(std::string_view frame);

std::string_view code(ReplyKind kind);

}  // namespace bullpen::ipc
