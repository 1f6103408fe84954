// Session: one connection as the venue sees it: who it is for, what it asked and must still wait
// for its time, what is to be told and when. No socket; the server has those.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/matching/types.hpp"
#include "ipc/venue_message.hpp"
#include "venue/admission.hpp"

namespace bullpen::venue {

// What a session that is not taken any more is told.
inline constexpr std::string_view k_session_expired = "401: the session has expired";

struct Session {
    enum class Stage : std::uint8_t {
        fresh,    // has not said who it is
        trader,   // of an account
        watcher,  // of a market
        admin,
        ended,  // what is to be told is told, then it is closed
    };
    // More than this is owed to a side that does not read: it is cut off.
    static constexpr std::size_t k_owed_max = 100'000;
    static constexpr std::size_t k_owed_with_ticks_max = 1000;
    // More than this waits for its latency: the connection is cut off.
    static constexpr std::size_t k_waiting_max = 10'000;

    // A connection says who it is for by then.
    static constexpr Nanos k_greeting_wait = std::chrono::seconds(10);

    std::uint64_t number = 0;
    Peer peer;
    Stage stage = Stage::fresh;
    std::string account;  // empty of an administrator and of a watcher
    std::string watch;    // of a watcher: the market
    matching::AccountRef ref;
    std::string client;
    bool follows_market = false;
    bool lockstep = false;
    bool ticks = false;           // is told trades and quotes within the minute
    bool follows_shares = false;  // is told the time of the market of shares
    bool broken = false;          // the connection is broken off, not closed in order
    bool black_hole = false;      // nothing is read or written any more
    std::uint64_t step_done = 0;
    MonoTime connected{};

    // Commands that wait for their latency, oldest first.
    struct Waiting {
        MonoTime due{};
        ipc::VenueRequest request;
    };
    std::deque<Waiting> waiting;

    // What is to be told, by time and order of saying.
    struct Owed {
        std::string line;
        bool spare = false;  // may be left out when the other side does not keep up
    };
    std::map<std::pair<MonoTime, std::uint64_t>, Owed> owed;
    std::uint64_t last_owed = 0;

    // Answers that wait for what becomes of their order, by its number.
    std::map<std::uint64_t, ipc::VenueReply> late_answers;

    // Commands in this second, for the limit of the rate.
    MonoTime second{};
    std::int64_t commands = 0;

    void owe(MonoTime due, std::string line, bool spare = false) {
        owed.emplace(std::pair{due, ++last_owed}, Owed{std::move(line), spare});
    }
    // Ticks give way first: what a side that does not read is owed is orders, fills and bars.
    [[nodiscard]] bool hears_ticks() const { return ticks && owed.size() < k_owed_with_ticks_max; }
    [[nodiscard]] std::optional<MonoTime> next_due() const {
        std::optional<MonoTime> next;
        if (stage == Stage::fresh)
            return connected + k_greeting_wait;
        if (!waiting.empty())
            next = waiting.front().due;
        if (!owed.empty() && (!next || owed.begin()->first.first < *next))
            next = owed.begin()->first.first;
        return next;
    }
};

}  // namespace bullpen::venue
