#include "ipc/codec.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/ipc/samples.hpp"

using namespace bullpen;
using namespace bullpen::ipc;

namespace {

const std::string k_ping = R"({"v":1,"type":"ping","seq":7,"utc":"2026-11-20T14:30:02.000Z"})";
const std::string k_beat =
    R"({"v":1,"type":"heartbeat","seq":1,"session":"trading","mode":"idle","reason":"none",)"
    R"("since":"2026-11-20T14:30:00.000Z"})";

// The sentence with which a frame is refused; "accepted" when it is not.
std::string refusal(const std::string& frame) {
    const auto decoded = decode(frame);
    return decoded ? "accepted" : decoded.error().context();
}

std::error_code refusal_code(const std::string& frame) {
    const auto decoded = decode(frame);
    return decoded ? std::error_code() : decoded.error().code();
}

Heartbeat beat_of(const std::string& frame) {
    return std::get<Heartbeat>(decode(frame).value());
}

}  // namespace

TEST_CASE("a missing field is named") {
    CHECK(refusal(samples::without(k_ping, "seq")) == "ping: field 'seq' is missing");
    CHECK(refusal(samples::with(k_ping, "utc", "null")) == "ping: field 'utc' is null");
    CHECK(refusal(R"({"type":"ping"})") == "message: field 'v' is missing");
    CHECK(refusal(R"({"v":1})") == "message: field 'type' is missing");
}

TEST_CASE("a wrong field is named with its rule and its value") {
    CHECK(refusal(samples::with(k_ping, "seq", "\"7\"")) ==
          "ping: field 'seq' must be a whole number from 0 to 9223372036854775807, not \"7\"");
    CHECK(refusal(samples::with(k_ping, "utc", "\"yesterday\"")) ==
          "ping: field 'utc' must be a time like \"2026-11-20T23:14:05.123Z\", not \"yesterday\"");
    CHECK(refusal(samples::with(k_ping, "market", R"({"state":"OPEN"})")) ==
          "ping: market: field 'state' must be a code of a-z, 0-9 and '_', at most 48 characters, "
          "not \"OPEN\"");
    CHECK(refusal(samples::with(k_beat, "mode", "\"dancing\"")) ==
          "heartbeat: field 'mode' has a value that is not known here, not \"dancing\"");
}

TEST_CASE("a number is whole and in range or it is refused, never cut") {
    for (const char* value : {"1.9", "1e3", "-1", "9223372036854775808", "18446744073709551617",
                              "true", "[1]", "0.0"}) {
        CAPTURE(value);
        CHECK(refusal(samples::with(k_ping, "seq", "0")) == "accepted");
        const std::string frame =
            R"({"v":1,"type":"ping","seq":)" + std::string(value) + k_ping.substr(28);
        CHECK(refusal(frame).find("field 'seq' must be a whole number") != std::string::npos);
    }
    const std::string goodbye = R"({"v":1,"type":"goodbye","exit_code":256,"reason":"none"})";
    CHECK(refusal(goodbye).find("from 0 to 255, not 256") != std::string::npos);
}

TEST_CASE("an unknown type is refused, an unknown field is skipped") {
    CHECK(refusal(R"({"v":1,"type":"dance"})") == "message type 'dance' is not known");
    CHECK(refusal(R"({"v":1,"type":"Ready"})").find("must be a code") != std::string::npos);
    const auto later = samples::with(k_beat, "invented_later", R"({"deep":[1,{"er":null}]})");
    CHECK((beat_of(later) == beat_of(k_beat)));
}

TEST_CASE("a newer envelope is refused as such") {
    CHECK(refusal_code(samples::with(k_ping, "v", "2")) == Errc::newer_version);
    CHECK(refusal_code(samples::with(k_ping, "v", "0")) == Errc::invalid);
}

TEST_CASE("a reason that this program does not know is kept") {
    const auto beat = beat_of(samples::with(k_beat, "reason", "\"solar_flare\""));
    CHECK(beat.reason == "solar_flare");
}

TEST_CASE("null in an optional field is as good as none") {
    CHECK((beat_of(samples::with(k_beat, "until", "null")) == beat_of(k_beat)));
    CHECK((beat_of(samples::with(k_beat, "obligations", "null")) == beat_of(k_beat)));
    CHECK((beat_of(samples::with(k_beat, "quantity", "null")) == beat_of(k_beat)));
}

TEST_CASE("a field twice is refused, at any depth, also when spelt with escapes") {
    CHECK(refusal(R"({"v":1,"type":"ready","type":"ready"})").find("'type' comes twice") !=
          std::string::npos);
    CHECK(refusal(R"({"v":1,"type":"ready","x":{"a":1,"a":2}})").find("'a' comes twice") !=
          std::string::npos);
    CHECK(refusal(R"({"v":1,"type":"ready","\u0076":1})").find("'v' comes twice") !=
          std::string::npos);
    std::string many = R"({"v":1,"type":"ready")";
    for (int i = 0; i < 100; ++i)
        many += ",\"field_number_" + std::to_string(i) + "\":0";
    CHECK(refusal(many + "}") == "accepted");
    CHECK(refusal(many + ",\"field_number_42\":0}").find("comes twice") != std::string::npos);
}

TEST_CASE("text that is not UTF-8 is refused") {
    const auto with_text = [](const std::string& bytes) {
        return R"({"v":1,"type":"ready","x":")" + bytes + "\"}";
    };
    CHECK(refusal(with_text("Bl\xC3\xB6"
                            "cke \xE2\x82\xAC \xF0\x9F\x98\x80")) == "accepted");
    for (const char* bytes :
         {"\xFF", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80",
          "\xF0\x9F\x98", "\x01", "\xF8\x88\x80\x80\x80"}) {
        CHECK(refusal(with_text(bytes)).find("not JSON at byte") != std::string::npos);
    }
    CHECK(refusal(with_text("\\ud83d\\ude00")) == "accepted");
    for (const char* bytes :
         {"\\ud83d", "\\ude00", "\\ud83dx", "\\ud83d\\u0041", "\\u12g4", "\\x", "\\u12", "\\"}) {
        CHECK(refusal(with_text(bytes)).find("not JSON at byte") != std::string::npos);
    }
}

TEST_CASE("a zero byte in a text is refused, since texts end up in files and terminals") {
    CHECK(
        refusal(samples::with(k_beat, "last_error", R"("a\u0000b")")).find("without a zero byte") !=
        std::string::npos);
}

TEST_CASE("what is not one whole JSON object is refused") {
    for (const char* frame : {"",
                              " ",
                              "1",
                              "[]",
                              "null",
                              "\"ready\"",
                              "{",
                              "{}x",
                              "{\"v\":1,}",
                              "{\"v\" 1}",
                              "{v:1}",
                              "{\"v\":01}",
                              "{\"v\":-}",
                              "{\"v\":1.}",
                              "{\"v\":+1}",
                              "{\"v\":tru}",
                              "{\"v\":\"",
                              "{\"v\":[1,]}",
                              "{\"v\":[1 2]}",
                              "{} {}",
                              "\xEF\xBB\xBF{}",
                              "{\"v\":.5}",
                              "{\"v\":1e}"}) {
        CAPTURE(frame);
        CHECK(refusal_code(frame) == Errc::invalid);
    }
    CHECK(refusal(" \t\r\n{ \"v\" : 1 , \"type\" : \"ready\" } \n") == "accepted");
}

TEST_CASE("size, depth and counts are limited") {
    const std::string head = R"({"v":1,"type":"ready","x":)";
    std::string large = head + "\"";
    large.append(k_message_size_max - large.size() - 2, 'a');
    large += "\"}";
    CHECK(large.size() == k_message_size_max);
    CHECK(refusal(large) == "accepted");
    CHECK(refusal_code(large + " ") == Errc::too_large);
    const auto nested = [&](int depth) {
        return head + std::string(static_cast<std::size_t>(depth), '[') +
               std::string(static_cast<std::size_t>(depth), ']') + "}";
    };
    CHECK(refusal(nested(k_message_depth_max - 1)) == "accepted");
    CHECK(refusal(nested(k_message_depth_max)).find("nested too deeply") != std::string::npos);
    CHECK(refusal(nested(30'000)).find("nested too deeply") != std::string::npos);

    std::string counters = "{\"c0\":0";
    for (std::size_t i = 1; i < k_counters_max; ++i)
        counters += ",\"c" + std::to_string(i) + "\":1";
    CHECK(refusal(samples::with(k_beat, "counters", counters + "}")) == "accepted");
    CHECK(refusal(samples::with(k_beat, "counters", counters + ",\"one_more\":1}")) != "accepted");
}

TEST_CASE("what a worker writes too long is cut at a character, and still reaches the daemon") {
    Heartbeat beat;
    beat.last_error = std::string(k_text_max - 1, 'e') + "\xC3\xB6 and more";
    for (int i = 0; i < 100; ++i) {
        beat.counters.emplace_back("c" + std::to_string(i), i);
        beat.obligations.push_back({"o" + std::to_string(i), Nanos{}, true, false});
    }
    const auto decoded = beat_of(encode(beat));
    CHECK(decoded.last_error == std::string(k_text_max - 1, 'e'));
    CHECK(decoded.counters.size() == k_counters_max);
    CHECK(decoded.obligations.size() == Obligations::k_count_max);
}

TEST_CASE("bytes that are not UTF-8 are sent as question marks") {
    Heartbeat beat;
    beat.last_error = std::string("caf\xE9 \xC3\xB6 ") + '\0' + "\xFF";
    CHECK(beat_of(encode(beat)).last_error == "caf? \xC3\xB6 ??");
}

TEST_CASE("fields may come in any order") {
    const std::string frame =
        R"({"since":"2026-11-20T14:30:00.000Z","reason":"none","mode":"idle","session":"trading",)"
        R"("seq":1,"type":"heartbeat","v":1})";
    CHECK((beat_of(frame) == beat_of(k_beat)));
}

TEST_CASE("a hello with a wrong account or launch token says which") {
    const std::string hello = encode(samples::messages()[0].message);
    CHECK(refusal(samples::with(hello, "account", "\"../etc\"")).find("hello: field 'account'") ==
          0);
    CHECK(refusal(samples::with(hello, "launch", "\"17\"")).find("hello: field 'launch'") == 0);
    CHECK(refusal(samples::with(hello, "protocol_min", "9")).find("above protocol_max") !=
          std::string::npos);
}

TEST_CASE("the routing id names account and launch and fits any socket") {
    const auto token = LaunchToken::parse("17.00112233445566778899aabbccddeeff").value();
    CHECK(routing_id(test::account_id("mes01"), token) == "mes01/001122334455");
}

TEST_CASE("the greatest version that both speak is agreed") {
    CHECK(agree_protocol(1, 1, 1, 1) == 1);
    CHECK(agree_protocol(1, 2, 0, 1) == 1);
    CHECK(agree_protocol(0, 1, 1, 2) == 1);
    CHECK(agree_protocol(0, 5, 2, 4) == 4);
    CHECK(agree_protocol(2, 3, 0, 1) == std::nullopt);
    CHECK(agree_protocol(0, 1, 2, 3) == std::nullopt);
    CHECK(agree_protocol(k_protocol_min, k_protocol) == k_protocol);
}

TEST_CASE("every build speaks the version of its neighbours") {
    // What a build of the next version, and of the one before, would say.
    CHECK(agree_protocol(k_protocol - 1, k_protocol + 1) == k_protocol);
    CHECK(agree_protocol(0, k_protocol - 1) == k_protocol - 1);
}
