#include "ipc/control.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"
#include "tests/unit/ipc/samples.hpp"

using namespace bullpen;
using namespace bullpen::ipc;

TEST_CASE("a request needs an id and a command, and takes defaults for the rest") {
    const auto request = decode_request(R"({"v":1,"type":"request","id":"7","command":"status"})");
    REQUIRE(request);
    CHECK(request->args.wait);
    CHECK(request->args.accounts.empty());
    CHECK(request->deadline == k_control_deadline_default);
    CHECK(decode_request(R"({"v":1,"type":"request","id":"","command":"status"})")
              .error()
              .context() == "request: field 'id' must not be empty, not \"\"");
    CHECK_FALSE(decode_request(R"({"v":1,"type":"request","id":"7"})"));
    CHECK_FALSE(decode_request(R"({"v":1,"type":"request","id":"7","command":"rm -rf"})"));
    CHECK_FALSE(decode_request(R"({"v":1,"type":"reply","id":"7","command":"status"})"));
}

TEST_CASE("an account that cannot be one is refused in a request") {
    const auto request = decode_request(
        R"({"v":1,"type":"request","id":"7","command":"stop","args":{"accounts":["a","../b"]}})");
    REQUIRE_FALSE(request);
    CHECK(request.error().message().find("request: field 'accounts': account id '../b'") == 0);
}

TEST_CASE("a request for all of the largest roster fits") {
    Request request;
    request.id = "7";
    request.command = "start";
    for (std::size_t i = 0; i < k_control_accounts_max; ++i) {
        request.args.accounts.push_back(
            AccountId::parse("an_account_with_a_long_name_" + std::to_string(i)).value());
    }
    const auto decoded = decode_request(encode(request));
    REQUIRE(decoded);
    CHECK((*decoded == request));
    request.args.accounts.push_back(request.args.accounts.back());
    CHECK_FALSE(decode_request(encode(request)));
}

TEST_CASE("the data of a reply goes through unchanged, numbers included") {
    Reply reply;
    reply.id = "7";
    reply.data = R"({"a":1.10,"b":[1e300,{"c":"\u00e9"}],"d":18446744073709551615})";
    const auto decoded = decode_reply(encode(reply));
    REQUIRE(decoded);
    CHECK(decoded->data == reply.data);
}

TEST_CASE("only result and error end an answer") {
    Reply reply;
    for (const auto kind : {ReplyKind::progress, ReplyKind::verdict}) {
        reply.kind = kind;
        CHECK_FALSE(reply.last());
    }
    for (const auto kind : {ReplyKind::result, ReplyKind::error}) {
        reply.kind = kind;
        CHECK(reply.last());
    }
}

TEST_CASE("an answer that is too large becomes an error, not a message nobody can read") {
    Reply reply;
    reply.id = "7";
    reply.data = "{\"x\":\"" + std::string(k_control_size_max, 'x') + "\"}";
    const auto decoded = decode_reply(encode(reply));
    REQUIRE(decoded);
    CHECK(decoded->kind == ReplyKind::error);
    CHECK(decoded->code == "too_large");
    CHECK_FALSE(decoded->ok);
    CHECK(decoded->id == "7");
}

TEST_CASE("a reply of an unknown kind is refused") {
    CHECK_FALSE(decode_reply(R"({"v":1,"type":"reply","id":"7","kind":"song","ok":true})"));
    CHECK_FALSE(decode_reply(R"({"v":1,"type":"reply","id":"7","kind":"result"})"));
    CHECK(decode_reply(R"({"v":1,"type":"reply","id":"7","kind":"result","ok":true})"));
}
