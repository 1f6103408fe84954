// Events: the daemon tells whoever listens, and waits for nobody. Every topic counts its events, so
// that a listener knows how many it missed; one who joins is sent the last event of each topic it
// asked for. A hint only: the same facts are in welcome, ping and on the status board. Only those
// hear anything who show the home's cookie (cookie.hpp), in front of each topic that they ask for.
//
// Topics: "daemon/" and "account/<id>/". The closing slash keeps "a" from hearing "ab".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "ipc/socket.hpp"

namespace bullpen::ipc {

inline constexpr std::size_t k_event_size_max = std::size_t{64} * 1024;
inline constexpr std::size_t k_event_topics_max = 8192;

std::string daemon_topic();
std::string account_topic(const AccountId& account);

class EventPublisher : public Socket {
  public:
    // As LeaseRouter::bind. `epoch` tells this publisher from an earlier one of the same home (the
    // daemon's start in nanoseconds, say): listeners then begin to count anew.
    static Result<EventPublisher> bind(Context& context, const std::string& socket_path,
                                       std::uint64_t epoch);

    // Sends `body` (JSON) and returns its number within the topic, from 1. Listeners that are too
    // slow miss it. Errc::too_large over k_event_size_max; Errc::exhausted over k_event_topics_max.
    Result<std::uint64_t> publish(const std::string& topic, std::string_view body);
    // Answers those who joined: to be called when fd() was readable, and after publish().
    void serve();
    // An account was removed: its last event is no longer told.
    void forget(const std::string& topic);

  private:
    using Socket::Socket;
    struct Topic {
        std::uint64_t epoch = 0;
        std::uint64_t seq = 0;
        std::string last;
    };
    void send(const std::string& topic, const Topic& state, bool snapshot);

    std::string cookie_;
    // Goes up when a topic is forgotten, so that its namesake is counted anew by every listener.
    std::uint64_t epoch_ = 0;
    std::map<std::string, Topic> topics_;
};

struct Event {
    std::string topic;
    std::uint64_t seq = 0;
    std::uint64_t missed = 0;  // events of this topic lost just before this one
    bool snapshot = false;     // the last event before one joined, sent again
    bool anew = false;         // the count began again: nobody knows how many were lost before it
    std::string body;
};

class EventSubscriber : public Socket {
  public:
    static Result<EventSubscriber> connect(Context& context, const std::string& socket_path);

    // A whole topic, or the beginning of several: "" is everything, "account/" all accounts.
    Result<void> subscribe(std::string_view topic);
    // The next event not seen before, or nothing.
    std::optional<Event> receive();
    std::optional<Event> receive_within(Millis wait);
    // All events missed so far.
    [[nodiscard]] std::uint64_t missed() const { return missed_; }

  private:
    using Socket::Socket;
    struct Seen {
        std::uint64_t epoch = 0;
        std::uint64_t seq = 0;
    };
    std::optional<Event> accept(Event event, std::uint64_t epoch);

    std::string cookie_;
    std::map<std::string, Seen> seen_;
    std::uint64_t missed_ = 0;
};

}  // namespace bullpen::ipc
