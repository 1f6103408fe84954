#include "remote/gateway.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "common/base/errc.hpp"
#include "common/base/hex.hpp"
#include "common/process/process_facts.hpp"
#include "ipc/board_wire.hpp"
#include "remote/rights.hpp"

namespace bullpen::remote {

namespace {

// Taken in one turn, so that no flood of one kind keeps the others waiting.
constexpr int k_turn_max = 64;
constexpr Millis k_tick{1'000};
constexpr Millis k_daemon_wait{500};
// Of the board in one reply: a part of what a message holds.
constexpr std::size_t k_part_bytes = std::size_t{512} * 1024;

bool is_readable(int fd) {
    pollfd watched{fd, POLLIN, 0};
    return ::poll(&watched, 1, 0) > 0;
}

ipc::Reply failure(const std::string& id, const std::string& code, const std::string& message) {
    ipc::Reply reply;
    reply.id = id;
    reply.kind = ipc::ReplyKind::error;
    reply.ok = false;
    reply.code = code;
    reply.message = message;
    return reply;
}

std::string what_it_lacks(const ipc::AllowedClient& client, const std::string& command,
                          std::optional<ipc::Right> needed) {
    if (!needed)
        return "'" + command + "' is given on the home's own host";
    return client.name + " may look, not " + command +
           "; bullpenctl remote allow on the home's host says what it may";
}

}  // namespace

Result<std::unique_ptr<Gateway>> Gateway::open(const Home& home, const Clock& clock,
                                               log::Logger& log, ipc::Listening listening,
                                               const ipc::KeyPair& keys) {
    ipc::Context context;
    // Before the router: without it the library would let in whoever has a key.
    BULLPEN_TRY(auto door, ipc::Doorkeeper::open(context));
    BULLPEN_TRY(auto router, ipc::RemoteRouter::bind(context, std::move(listening), keys));
    return std::unique_ptr<Gateway>(new Gateway(
        home, clock, log, Parts{std::move(context), std::move(door), std::move(router)}));
}

Gateway::Gateway(const Home& home, const Clock& clock, log::Logger& log, Parts parts)
    : home_(home),
      clock_(clock),
      log_(log),
      parts_(std::move(parts)),
      guests_(home, log),
      daemon_asked_(clock.mono() - k_daemon_retry) {}

void Gateway::fill(ipc::Heartbeat& beat) const {
    beat.rss_bytes = process::resident_bytes(::getpid()).value_or(0);
    beat.log_dropped = log_.dropped();
    beat.last_error = guests_.trouble();
    beat.counters = {{"clients", static_cast<std::int64_t>(guests_.count())},
                     {"let_in", static_cast<std::int64_t>(let_in_)},
                     {"refused", static_cast<std::int64_t>(refused_.all())},
                     {"requests", static_cast<std::int64_t>(requests_)}};
}

void Gateway::run(int stop, ipc::ServiceLease* lease) {
    while (!is_readable(stop)) {
        bool more = keep_door();
        more = read_requests() || more;
        more = read_answers() || more;
        const auto now = clock_.now();
        tick(now.mono);
        if (lease != nullptr)
            lease->turn(now);
        // What was sent may have used up the edge that tells of what came meanwhile.
        more = more || parts_.door.pending() || parts_.router.pending() ||
               (daemon_ && daemon_->pending());
        std::vector<pollfd> watched = {
            {stop, POLLIN, 0}, {parts_.door.fd(), POLLIN, 0}, {parts_.router.fd(), POLLIN, 0}};
        auto wait = k_tick;
        if (daemon_)
            watched.push_back({daemon_->fd(), POLLIN, 0});
        if (lease != nullptr) {
            watched.push_back({lease->fd(), POLLIN, 0});
            wait = std::min(wait, std::chrono::ceil<Millis>(lease->next_due() - clock_.mono()));
        }
        wait = more ? Millis(0) : std::max(wait, Millis(0));
        (void)::poll(watched.data(), watched.size(), static_cast<int>(wait.count()));
    }
}

void Gateway::complain(std::string_view event, const std::string& what, const std::string& who) {
    if (const auto before = refused_.take(clock_.mono()))
        log_.warn(event, {{"what", what}, {"who", who}, {"left_out", *before}});
}

bool Gateway::keep_door() {
    for (int i = 0; i < k_turn_max; ++i) {
        const auto knock = parts_.door.next();
        if (!knock)
            return false;
        const auto* client = knock->key.empty() ? nullptr : guests_.find(knock->key);
        if (client != nullptr) {
            ++let_in_;
            log_.info("client_let_in", {{"client", client->name}, {"address", knock->address}});
        } else {
            complain("client_refused", knock->key.empty() ? "no key" : "key " + knock->key,
                     knock->address);
        }
        parts_.door.answer(*knock, client != nullptr);
    }
    return true;
}

bool Gateway::read_requests() {
    for (int i = 0; i < k_turn_max; ++i) {
        const auto received = parts_.router.receive_far();
        if (!received)
            return false;
        handle(*received);
    }
    return true;
}

// Each request anew: who was let in may have been taken off the list since.
void Gateway::handle(const ipc::ReceivedFar& received) {
    const auto* client = received.key.empty() ? nullptr : guests_.find(received.key);
    if (client == nullptr) {
        complain("request_refused", "key " + received.key + " is not on the list any more", "");
        return refuse(received, "?", "not_allowed", "this key is not on the list any more");
    }
    auto request = ipc::decode_request(received.body);
    if (!request)
        return refuse(received, "?", "bad_request", request.error().message());
    serve(received, *client, std::move(*request));
}

void Gateway::serve(const ipc::ReceivedFar& received, const ipc::AllowedClient& client,
                    ipc::Request request) {
    const auto needed = right_for(request.command);
    if (!needed || client.right < *needed) {
        complain("request_refused", request.command, client.name);
        return refuse(received, request.id, "not_allowed",
                      what_it_lacks(client, request.command, needed));
    }
    if (too_many(received.key))
        return refuse(received, request.id, "busy", "more than 30 requests in a second");
    ++requests_;
    if (request.command == k_board)
        return show_board(received, request.id);
    forward(received, client, std::move(request));
}

// A copy of the board may be large: who asks for many is told to wait, not sent all of them.
bool Gateway::too_many(const std::string& key) {
    if (rates_.size() > ipc::k_allowed_max)
        rates_.clear();
    auto& rate = rates_[key];
    const auto now = clock_.mono();
    if (now - rate.since >= std::chrono::seconds(1))
        rate = {now, 0};
    return ++rate.requests > k_rate_max;
}

void Gateway::forward(const ipc::ReceivedFar& received, const ipc::AllowedClient& client,
                      ipc::Request request) {
    const auto its = std::count_if(asked_.begin(), asked_.end(), [&received](const auto& one) {
        return one.second.key == received.key;
    });
    if (asked_.size() >= k_requests_max || static_cast<std::size_t>(its) >= k_requests_each_max) {
        return refuse(received, request.id, "busy", "too many commands are under way; try again");
    }
    if (!daemon_there()) {
        return refuse(received, request.id, "unavailable",
                      "bullpend does not run in " + home_.root());
    }
    const auto id = "far-" + std::to_string(requests_);
    asked_.emplace(id, Asked{received.routing_id, request.id, received.key,
                             clock_.mono() + request.deadline + k_grace});
    request.id = id;
    // Who it is was proven by its key; what it says of its user was not.
    request.user = "remote:" + client.name;
    log_.info("request", {{"client", client.name}, {"command", request.command}});
    if (!daemon_->send(ipc::encode(request)))
        daemon_gone();
}

void Gateway::show_board(const ipc::ReceivedFar& received, const std::string& request_id) {
    auto board = ipc::BoardReader::read(home_.board());
    if (!board)
        return refuse(received, request_id, "unavailable", board.error().message());
    const auto bytes = ipc::board_bytes({std::move(*board), clock_.now(), home_.root()});
    ipc::Reply part;
    part.id = request_id;
    part.kind = ipc::ReplyKind::progress;
    part.code = "part";
    for (std::size_t at = 0; at < bytes.size(); at += k_part_bytes) {
        part.data = "{\"part\":\"" + hex(std::string_view(bytes).substr(at, k_part_bytes)) + "\"}";
        (void)parts_.router.send(received.routing_id, ipc::encode(part));
    }
    part.kind = ipc::ReplyKind::result;
    part.code = "board";
    part.data = "{\"bytes\":" + std::to_string(bytes.size()) + "}";
    (void)parts_.router.send(received.routing_id, ipc::encode(part));
}

void Gateway::refuse(const ipc::ReceivedFar& received, const std::string& request_id,
                     const std::string& code, const std::string& message) {
    (void)parts_.router.send(received.routing_id, ipc::encode(failure(request_id, code, message)));
}

void Gateway::end(const Asked& asked, const std::string& code, const std::string& message) {
    (void)parts_.router.send(asked.routing_id,
                             ipc::encode(failure(asked.request_id, code, message)));
}

bool Gateway::read_answers() {
    if (!daemon_)
        return false;
    // Asked first: what it had said before it went can be received then.
    const bool lost = daemon_->lost();
    for (int i = 0; i < k_turn_max; ++i) {
        const auto frame = daemon_->receive();
        if (!frame) {
            if (lost)
                daemon_gone();
            return false;
        }
        auto reply = ipc::decode_reply(*frame);
        const auto found = reply ? asked_.find(reply->id) : asked_.end();
        if (found == asked_.end())
            continue;
        const auto asked = found->second;
        const bool last = reply->last();
        if (last)
            asked_.erase(found);
        if (guests_.find(asked.key) == nullptr)
            continue;
        reply->id = asked.request_id;
        (void)parts_.router.send(asked.routing_id, ipc::encode(*reply));
    }
    return true;
}

bool Gateway::daemon_there() {
    if (daemon_ && daemon_->lost())
        daemon_gone();
    if (daemon_)
        return true;
    const auto now = clock_.mono();
    if (now - daemon_asked_ < k_daemon_retry)
        return false;
    daemon_asked_ = now;
    daemon_context_.emplace();
    auto made =
        ipc::ControlDealer::connect(*daemon_context_, home_.control_socket(), k_daemon_wait);
    if (made)
        daemon_.emplace(std::move(*made));
    return made.has_value();
}

void Gateway::daemon_gone() {
    daemon_.reset();
    daemon_context_.reset();
    for (const auto& [id, asked] : std::exchange(asked_, {}))
        end(asked, "unavailable", "bullpend went away before it had answered");
}

void Gateway::tick(MonoTime now) {
    std::erase_if(asked_, [&](const auto& one) {
        if (now < one.second.deadline)
            return false;
        end(one.second, "timed_out", "bullpend did not answer in time");
        return true;
    });
}

}  // namespace bullpen::remote
