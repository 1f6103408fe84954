#include "common/vault/hand_over.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "common/base/errc.hpp"
#include "tests/unit/vault/support.hpp"

using namespace bullpen;
using namespace bullpen::vault;

namespace {

Credentials sample() {
    auto credentials =
        test::credentials_of("anna", {{"api_key", "k\xC3\xA9y \"q\" \\ b"}, {"pem", "a\n\tb\r\n"}});
    test::must(credentials.put(
        {"token", test::secret("t"), {}, parse_utc("2026-11-22T00:30:00.000Z").value()}));
    return credentials;
}

constexpr std::string_view k_sample =
    "{\"v\":1,\"account\":\"anna\",\"fields\":{\"api_key\":\"k\xC3\xA9y \\\"q\\\" \\\\ b\","
    "\"pem\":\"a\\n\\tb\\r\\n\",\"token\":\"t\"},"
    "\"expires\":{\"token\":\"2026-11-22T00:30:00.000Z\"}}\n";

}  // namespace

TEST_CASE("what is handed over is the JSON object that is described") {
    CHECK(hand_over_text(sample()).reveal() == k_sample);
    CHECK(hand_over_text(Credentials(test::account_id("ben"))).reveal() ==
          "{\"v\":1,\"account\":\"ben\",\"fields\":{},\"expires\":{}}\n");
}

TEST_CASE("a worker reads what it was handed, and refuses another account's") {
    const auto id = test::account_id("anna");
    const auto read = parse_hand_over(test::secret(k_sample), id);
    REQUIRE(read.has_value());
    REQUIRE(read->fields().size() == 3);
    CHECK(read->find("api_key")->value.reveal() == "k\xC3\xA9y \"q\" \\ b");
    CHECK(read->find("pem")->value.reveal() == "a\n\tb\r\n");
    CHECK(format_utc(read->find("token")->expires.value()) == "2026-11-22T00:30:00.000Z");
    CHECK_FALSE(read->find("pem")->expires.has_value());
    CHECK(parse_hand_over(test::secret(k_sample), test::account_id("ben")).error().code() ==
          Errc::wrong_account);
}

TEST_CASE("what was cut short or changed in its shape is not taken") {
    const auto id = test::account_id("anna");
    for (std::size_t size = 0; size < k_sample.size(); ++size) {
        CAPTURE(size);
        CHECK_FALSE(parse_hand_over(test::secret(k_sample.substr(0, size)), id).has_value());
    }
    for (const std::string_view text :
         {std::string_view("{\"v\":1,\"account\":\"anna\",\"fields\":{\"a\":\"1\",\"a\":\"2\"},"
                           "\"expires\":{}}\n"),
          std::string_view("{\"v\":1,\"account\":\"anna\",\"fields\":{\"a\":\"\\u0041\"},"
                           "\"expires\":{}}\n"),
          std::string_view("{\"v\":1,\"account\":\"anna\",\"fields\":{\"a\":\"1\"},"
                           "\"expires\":{\"b\":\"2026-11-22T00:30:00.000Z\"}}\n"),
          std::string_view("{\"v\":2,\"account\":\"anna\",\"fields\":{},\"expires\":{}}\n"),
          std::string_view("{\"v\":1,\"account\":\"anna\",\"fields\":{},\"expires\":{}}\n ")})
        CHECK_FALSE(parse_hand_over(test::secret(text), id).has_value());
}

TEST_CASE("the most that an account can have fits into the pipe, and is read once") {
    Credentials credentials(test::account_id("anna"));
    const std::string worst(k_value_max, '"');
    for (const char* name : {"a", "b", "c", "d"})
        REQUIRE(credentials.put({name, test::secret(worst), {}, {}}).has_value());
    const auto text = hand_over_text(credentials);
    CHECK(text.size() < k_hand_over_max);
    auto pipe = pipe_with(text);
    REQUIRE_MESSAGE(pipe.has_value(), pipe.error().message());
    CHECK((::fcntl(pipe->get(), F_GETFD) & FD_CLOEXEC) != 0);
    const int number = pipe->get();
    const auto read = read_pipe(std::move(*pipe));
    REQUIRE(read.has_value());
    CHECK(same_bytes(*read, text));
    CHECK(::fcntl(number, F_GETFD) == -1);
}

TEST_CASE("the end of a pipe that somebody holds open is not waited for without end") {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const Descriptor writer(ends[1]);
    REQUIRE(write_all(writer.get(), std::string(k_hand_over_max + 1, 'x')).has_value());
    CHECK(read_pipe(Descriptor(ends[0])).error().code() == Errc::too_large);
}

TEST_CASE("a program gets just the variables that its settings name") {
    config::AccountSettings settings(test::account_id("anna"));
    CHECK(environment_with(settings, sample()).empty());
    settings.credentials_environment = {"BOT_TOKEN=token", "OTHER=missing"};
    CHECK(environment_with(settings, sample()) == std::vector<std::string>{"BOT_TOKEN=t"});
}
