#include "ipc/codec.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>

#include "ipc/control.hpp"
#include "ipc/json_reader.hpp"
#include "ipc/json_writer.hpp"
#include "tests/unit/ipc/samples.hpp"

using namespace bullpen;
using namespace bullpen::ipc;

namespace {

std::string any_code() {
    const auto rest = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcz019_")));
    return ("r" + rest).substr(0, 48);
}

// Any text that is UTF-8, with everything in it that needs an escape.
std::string any_text() {
    const auto parts = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "a", "\"", "\\", "/", "\n", "\t", "\x01", "\x1f", "\x7f", "\xC3\xB6", "\xE2\x82\xAC",
        "\xF0\x9F\x98\x80", " ", "{", "}", ":", ","));
    std::string text;
    for (const auto& part : parts)
        text += part;
    return text;
}

UtcTime any_utc() {
    return UtcTime(Millis(*rc::gen::inRange<std::int64_t>(0, 7'000'000'000'000)));
}

std::optional<UtcTime> maybe_utc() {
    if (*rc::gen::arbitrary<bool>())
        return any_utc();
    return std::nullopt;
}

std::uint64_t any_count() {
    return static_cast<std::uint64_t>(
        *rc::gen::inRange<std::int64_t>(0, std::numeric_limits<std::int64_t>::max()));
}

Heartbeat any_beat() {
    Heartbeat beat;
    beat.seq = any_count();
    beat.session = static_cast<model::SessionState>(
        *rc::gen::inRange<int>(0, static_cast<int>(model::k_session_states)));
    beat.mode = static_cast<model::TradingMode>(
        *rc::gen::inRange<int>(0, static_cast<int>(model::k_trading_modes)));
    beat.reason = any_code();
    beat.reason_text = any_text();
    beat.since = any_utc();
    beat.until = maybe_utc();
    const int duties = *rc::gen::inRange(0, 5);
    for (int i = 0; i < duties; ++i) {
        beat.obligations.push_back({any_code().substr(0, 32),
                                    Millis(*rc::gen::inRange(-1'000'000, 1'000'000)),
                                    *rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>()});
    }
    beat.position = any_text().substr(0, 1) == "a" ? "long 2" : "";
    if (*rc::gen::arbitrary<bool>())
        beat.quantity = *rc::gen::arbitrary<std::int64_t>();
    beat.flat = *rc::gen::arbitrary<bool>();
    if (*rc::gen::arbitrary<bool>())
        beat.at_rest = *rc::gen::arbitrary<bool>();
    beat.floor_reached = *rc::gen::arbitrary<bool>();
    beat.refused_at = maybe_utc();
    beat.refused_until = maybe_utc();
    beat.day_pnl = *rc::gen::element<std::string>("", "0", "-12.5", "999999999999999.123456");
    const int counters = *rc::gen::inRange(0, 5);
    for (int i = 0; i < counters; ++i)
        beat.counters.emplace_back("c" + std::to_string(i), *rc::gen::arbitrary<std::int64_t>());
    beat.last_bar = maybe_utc();
    if (*rc::gen::arbitrary<bool>())
        beat.bar_age = Millis(*rc::gen::inRange(0, 1'000'000));
    beat.bars = any_count();
    beat.rss_bytes = any_count();
    beat.log_dropped = any_count();
    beat.last_error = any_text();
    beat.state_hash = *rc::gen::element<std::string>("", "00ff", std::string(64, 'a'));
    return beat;
}

// A frame with a few bytes changed, taken out, doubled or put in.
std::string mutated(std::string frame) {
    const int changes = *rc::gen::inRange(1, 5);
    for (int i = 0; i < changes && !frame.empty(); ++i) {
        const auto at = *rc::gen::inRange<std::size_t>(0, frame.size());
        switch (*rc::gen::inRange(0, 4)) {
            case 0: frame[at] = *rc::gen::arbitrary<char>(); break;
            case 1: frame.erase(at, *rc::gen::inRange<std::size_t>(1, 9)); break;
            case 2:
                frame.insert(at, frame.substr(at, *rc::gen::inRange<std::size_t>(1, 30)));
                break;
            default: frame.insert(at, 1, *rc::gen::elementOf(std::string("{}[]\",:0-e\\u")));
        }
    }
    return frame;
}

// What the reader refuses though it is JSON: a field twice, and nesting.
bool has_doubles_or_depth(const std::string& frame) {
    const auto parsed = JsonDocument::parse(frame, {k_message_size_max, 1'000});
    return !parsed && parsed.error().context().find("comes twice") != std::string::npos;
}

}  // namespace

TEST_CASE("any heartbeat survives the wire") {
    CHECK(rc::check("decode(encode(beat)) == beat", [] {
        const Heartbeat beat = any_beat();
        const auto decoded = decode(encode(beat));
        RC_ASSERT(decoded.has_value());
        RC_ASSERT(std::get<Heartbeat>(*decoded) == beat);
    }));
}

TEST_CASE("that a worker is at rest, is not, or does not say: each stays what it is") {
    CHECK(rc::check("decode(encode(beat)).at_rest == beat.at_rest", [] {
        auto beat = any_beat();
        for (const auto said : {std::optional<bool>(), std::optional(false), std::optional(true)}) {
            beat.at_rest = said;
            const auto decoded = decode(encode(beat));
            RC_ASSERT(decoded.has_value());
            RC_ASSERT(std::get<Heartbeat>(*decoded).at_rest == said);
        }
    }));
}

TEST_CASE("any text survives a reply") {
    CHECK(rc::check("decode(encode(reply)) == reply", [] {
        Reply reply;
        reply.id = "7";
        reply.message = any_text();
        JsonWriter data;
        data.open_object();
        data.text("text", any_text());
        data.close_object();
        reply.data = data.take();
        reply.asked = *rc::gen::inRange<std::uint32_t>(0, 5000);
        reply.failed = reply.asked == 0 ? 0 : *rc::gen::inRange<std::uint32_t>(0, reply.asked + 1);
        const auto decoded = decode_reply(encode(reply));
        RC_ASSERT(decoded.has_value());
        RC_ASSERT(*decoded == reply);
    }));
}

TEST_CASE("any bytes at all are encoded to JSON that a library reads") {
    CHECK(rc::check("arbitrary bytes become valid text", [] {
        Heartbeat beat;
        beat.last_error = *rc::gen::arbitrary<std::string>();
        const std::string frame = encode(beat);
        RC_ASSERT(nlohmann::json::accept(frame));
        RC_ASSERT(decode(frame).has_value());
    }));
}

TEST_CASE("the reader takes and refuses what the JSON library does") {
    const auto all = samples::messages();
    CHECK(rc::check("mutated frames", [&] {
        const auto& sample = all.at(*rc::gen::inRange<std::size_t>(0, all.size()));
        const std::string frame = mutated(encode(sample.message));
        const bool ours = JsonDocument::parse(frame, {k_message_size_max, 1'000}).has_value();
        const bool theirs = nlohmann::json::accept(frame) &&
                            nlohmann::json::parse(frame).is_object() &&
                            frame.substr(0, 3) != "\xEF\xBB\xBF";
        RC_ASSERT(ours == theirs || (theirs && has_doubles_or_depth(frame)));
    }));
}

TEST_CASE("what is accepted can be encoded and decoded again to the same") {
    const auto all = samples::messages();
    CHECK(rc::check("mutated frames that are accepted are stable", [&] {
        const auto& sample = all.at(*rc::gen::inRange<std::size_t>(0, all.size()));
        const auto decoded = decode(mutated(encode(sample.message)));
        if (!decoded)
            return;
        const std::string frame = encode(*decoded);
        const auto again = decode(frame);
        RC_ASSERT(again.has_value());
        RC_ASSERT(encode(*again) == frame);
    }));
}
