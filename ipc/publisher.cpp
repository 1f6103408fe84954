#include "ipc/publisher.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/errc.hpp"
#include "ipc/cookie.hpp"
#include "ipc/json_reader.hpp"
#include "ipc/json_writer.hpp"
#include "ipc/socket_impl.hpp"

namespace bullpen::ipc {

namespace {

// Joins answered in one call of serve(); the rest waits for the next.
constexpr std::size_t k_joins_max = 256;
constexpr std::size_t k_header_size_max = 512;
constexpr int k_header_depth_max = 2;

std::string header(std::uint64_t epoch, std::uint64_t seq, bool snapshot) {
    JsonWriter json;
    json.open_object();
    json.integer("v", k_envelope);
    json.text("type", "event");
    json.integer("epoch", static_cast<std::int64_t>(epoch));
    json.integer("seq", static_cast<std::int64_t>(seq));
    if (snapshot)
        json.boolean("snapshot", true);
    json.close_object();
    return json.take();
}

Result<std::uint64_t> read_header(std::string_view frame, Event* event) {
    BULLPEN_TRY(const auto document,
                JsonDocument::parse(frame, {k_header_size_max, k_header_depth_max}));
    BULLPEN_TRY(const std::string type, read_envelope(document));
    if (type != "event")
        return fail(Errc::invalid, "message type '" + type + "' where 'event' was expected");
    Fields fields(document, 0, "event");
    std::uint64_t epoch = 0;
    fields.integer("epoch", &epoch, 0, INT64_MAX, Need::required);
    fields.integer("seq", &event->seq, 1, INT64_MAX, Need::required);
    fields.boolean("snapshot", &event->snapshot);
    BULLPEN_CHECK(fields.status());
    return epoch;
}

}  // namespace

std::string daemon_topic() {
    return "daemon/";
}

std::string account_topic(const AccountId& account) {
    return "account/" + account.str() + "/";
}

Result<EventPublisher> EventPublisher::bind(Context& context, const std::string& socket_path,
                                            std::uint64_t epoch) {
    BULLPEN_TRY(void* socket, open_socket(context, ZMQ_XPUB, k_event_queue_max, k_event_size_max));
    EventPublisher publisher(std::make_unique<Impl>(socket));
    // Whoever asks is looked at first, also the second one of a topic.
    BULLPEN_CHECK(set_option(socket, ZMQ_XPUB_VERBOSE, 1));
    BULLPEN_CHECK(set_option(socket, ZMQ_XPUB_MANUAL, 1));
    BULLPEN_CHECK(bind_private(socket, socket_path));
    BULLPEN_TRY(publisher.cookie_, keep_cookie(socket_path));
    publisher.epoch_ = epoch & INT64_MAX;
    return publisher;
}

Result<std::uint64_t> EventPublisher::publish(const std::string& topic, std::string_view body) {
    if (body.size() > k_event_size_max) {
        return fail(Errc::too_large, "an event of " + std::to_string(body.size()) +
                                         " bytes, at most " + std::to_string(k_event_size_max));
    }
    auto found = topics_.find(topic);
    if (found == topics_.end()) {
        if (topics_.size() == k_event_topics_max)
            return fail(Errc::exhausted, "too many topics of events");
        found = topics_.emplace(topic, Topic{.epoch = epoch_, .seq = 0, .last = {}}).first;
    }
    found->second.seq += 1;
    found->second.last = body;
    send(topic, found->second, false);
    return found->second.seq;
}

void EventPublisher::send(const std::string& topic, const Topic& state, bool snapshot) {
    // A listener whose queue is full misses it and sees the gap; nothing here waits or fails.
    if (send_part(impl_->handle, topic, true) &&
        send_part(impl_->handle, header(state.epoch, state.seq, snapshot), true)) {
        (void)send_part(impl_->handle, state.last, false);
    }
}

void EventPublisher::serve() {
    std::vector<std::string> joined;
    for (std::size_t i = 0; i < k_joins_max; ++i) {
        Part part;
        if (!part.receive(impl_->handle))
            break;
        // "\1", the cookie and a topic join, with "\0" they leave; anything else is not from a
        // listener.
        const auto bytes = part.bytes();
        if (part.more() || bytes.empty() || !same_cookie(bytes.substr(1, k_cookie_size), cookie_))
            continue;
        const auto topic = bytes.substr(1 + k_cookie_size);
        const bool joins = bytes.front() == '\1';
        // Of the connection that it came from.
        const int option = joins ? ZMQ_SUBSCRIBE : ZMQ_UNSUBSCRIBE;
        const int done = zmq_setsockopt(impl_->handle, option, topic.data(), topic.size());
        if (joins && done == 0)
            joined.emplace_back(topic);
    }
    if (joined.empty())
        return;
    for (const auto& [topic, state] : topics_) {
        const bool wanted = std::any_of(
            joined.begin(), joined.end(),
            [&topic = topic](const std::string& prefix) { return topic.starts_with(prefix); });
        if (wanted)
            send(topic, state, true);
    }
}

void EventPublisher::forget(const std::string& topic) {
    epoch_ += topics_.erase(topic);
}

Result<EventSubscriber> EventSubscriber::connect(Context& context, const std::string& socket_path) {
    BULLPEN_TRY(void* socket, open_socket(context, ZMQ_XSUB, k_event_queue_max, k_event_size_max));
    EventSubscriber subscriber(std::make_unique<Impl>(socket));
    const std::string endpoint = endpoint_of(socket_path);
    if (zmq_connect(socket, endpoint.c_str()) != 0)
        return fail_zmq("cannot connect to '" + endpoint + "'");
    subscriber.cookie_ = read_cookie(socket_path);
    return subscriber;
}

Result<void> EventSubscriber::subscribe(std::string_view topic) {
    return send_part(impl_->handle, '\1' + cookie_ + std::string(topic), false);
}

std::optional<Event> EventSubscriber::receive() {
    for (;;) {
        Part topic;
        Part head;
        Part body;
        if (!topic.receive(impl_->handle))
            return std::nullopt;
        if (!topic.more() || !head.receive(impl_->handle) || !head.more() ||
            !body.receive(impl_->handle))
            continue;
        if (body.more()) {
            drop_rest(impl_->handle);
            continue;
        }
        Event event;
        const auto epoch = read_header(head.bytes(), &event);
        if (!epoch)
            continue;
        event.topic = topic.bytes();
        event.body = body.bytes();
        if (auto accepted = accept(std::move(event), *epoch))
            return accepted;
    }
}

// An event of a topic or of a publisher not heard before starts the count; a repeated one is
// dropped; a gap is counted.
std::optional<Event> EventSubscriber::accept(Event event, std::uint64_t epoch) {
    auto found = seen_.find(event.topic);
    if (found == seen_.end()) {
        if (seen_.size() == k_event_topics_max)
            seen_.clear();
        found = seen_.emplace(event.topic, Seen{epoch, event.seq - 1}).first;
    }
    Seen& seen = found->second;
    if (seen.epoch != epoch) {
        seen = {epoch, event.seq - 1};
        event.anew = true;
    }
    if (event.seq <= seen.seq)
        return std::nullopt;
    event.missed = event.seq - seen.seq - 1;
    missed_ += event.missed;
    seen.seq = event.seq;
    return event;
}

std::optional<Event> EventSubscriber::receive_within(Millis wait) {
    if (auto event = receive())
        return event;
    if (!wait_for(impl_->handle, ZMQ_POLLIN, wait))
        return std::nullopt;
    return receive();
}

}  // namespace bullpen::ipc
