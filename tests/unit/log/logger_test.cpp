#include "common/log/logger.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <limits>

#include "tests/support/simulated_disk.hpp"

namespace bullpen::log {

namespace {

class Lines final : public Sink {
  public:
    explicit Lines(std::vector<std::string>& lines) : lines_(lines) {}
    Result<void> write(std::string_view line, UtcTime /*now*/) override {
        lines_.emplace_back(line);
        return {};
    }
    Result<void> sync() override { return {}; }

  private:
    std::vector<std::string>& lines_;
};

struct Fixture {
    FakeClock clock;
    std::vector<std::string> lines;
    Logger logger{std::make_unique<Lines>(lines), clock, {"alpha", "12"}};
    std::string pid = std::to_string(::getpid());
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a line says when, what, for which account and in which launch") {
    logger.info("session_changed", {{"from", "locking"},
                                    {"count", 3},
                                    {"big", std::numeric_limits<std::uint64_t>::max()},
                                    {"small", std::numeric_limits<std::int64_t>::min()},
                                    {"ratio", 0.1},
                                    {"flat", true},
                                    {"at", clock.utc()}});
    REQUIRE(lines.size() == 1);
    CHECK(lines[0] ==
          "{\"ts\":\"2026-01-05T00:00:00.000Z\",\"level\":\"info\",\"event\":\"session_changed\","
          "\"account\":\"alpha\",\"launch\":\"12\",\"pid\":" +
              pid +
              ",\"from\":\"locking\",\"count\":3,\"big\":18446744073709551615,"
              "\"small\":-9223372036854775808,\"ratio\":0.1,\"flat\":true,"
              "\"at\":\"2026-01-05T00:00:00.000Z\"}\n");
}

TEST_CASE_FIXTURE(Fixture, "a correlation id is on every line of its scope") {
    {
        const CorrelationScope scope(logger, "cmd-7");
        logger.info("inside");
        {
            const CorrelationScope inner(logger, "cmd-8");
            logger.info("deeper");
        }
        logger.info("inside");
    }
    logger.info("outside");
    REQUIRE(lines.size() == 4);
    CHECK(lines[0].find("\"cid\":\"cmd-7\"") != std::string::npos);
    CHECK(lines[1].find("\"cid\":\"cmd-8\"") != std::string::npos);
    CHECK(lines[2].find("\"cid\":\"cmd-7\"") != std::string::npos);
    CHECK(lines[3].find("cid") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "lines below the level are not written") {
    logger.debug("quiet");
    CHECK(lines.empty());
    logger.set_level(Level::debug);
    logger.debug("heard");
    logger.set_level(Level::error);
    logger.warn("quiet");
    logger.error("heard");
    CHECK(lines.size() == 2);
    CHECK(level_from("warn") == Level::warn);
    CHECK(level_from("warning") == std::nullopt);
    CHECK(code(Level::error) == "error");
}

TEST_CASE_FIXTURE(Fixture, "a line stays one line of a bounded size") {
    const std::string text(1'000'000, 'x');
    const std::string controls(1'000'000, '\n');
    logger.info("long", {{"text", text}});
    logger.info("many", {{"a", controls}, {"b", controls}, {"c", controls}, {"d", "last"}});
    REQUIRE(lines.size() == 2);
    for (const auto& line : lines) {
        CHECK(line.size() <= k_line_size_max);
        CHECK(line.find('\n') == line.size() - 1);
    }
    CHECK(lines[0].size() > k_text_size_max);
    CHECK(lines[1].find("\"cut\":true") != std::string::npos);
}

TEST_SUITE("critical") {
    TEST_CASE_FIXTURE(Fixture, "planted secrets reach no line") {
        logger.redactor().add("hunter2-hunter2");
        logger.redactor().add("abc");  // too short: would hide ordinary words
        logger.info("hunter2-hunter2",
                    {{"token", "t-111"},
                     {"API_KEY", "t-222"},
                     {"apiKey", 3'331'333'133'313},
                     {"x-api-key", "t-444"},
                     {"access_token", "t-555"},
                     {"client-secret", "t-666"},
                     {"Authorization", "Bearer t-777"},
                     {"note", "login with password=t-888, or {\"secret\": \"t-999 and more\"}"},
                     {"header", "Authorization: Bearer t-1010 and then"},
                     {"url", "https://x.example/?a=1&api_key=t-1111&b=2"},
                     {"trouble", "server said hunter2-hunter2!"},
                     {"plain", "abc"}});
        REQUIRE(lines.size() == 1);
        const auto& line = lines[0];
        for (const char* secret :
             {"hunter2-hunter2!", "t-111", "t-222", "3331333133313", "t-444", "t-555", "t-666",
              "t-777", "t-888", "t-999", "t-1010", "t-1111"}) {
            CHECK_MESSAGE(line.find(secret) == std::string::npos, secret);
        }
        for (const char* rest : {"login with", "and then", "b=2", "server said", "\"abc\""})
            CHECK_MESSAGE(line.find(rest) != std::string::npos, rest);
    }
}

TEST_CASE("of two known secrets the longer is hidden first, and both as JSON writes them too") {
    Redactor redactor;
    redactor.add("abcd");
    redactor.add("abcd-efgh");
    redactor.add("abcd-efgh");
    redactor.add("with \"quotes\"");
    CHECK(redactor.hide_known("x abcd-efgh abcd y") == "x [redacted] [redacted] y");
    CHECK(redactor.hide_known(R"({"a":"with \"quotes\"","b":"with "quotes""})") ==
          R"({"a":"[redacted]","b":"[redacted]"})");
    // The names of fields alone mean nothing here: what is hidden is what is known.
    CHECK(redactor.hide_known("password=other") == "password=other");
}

TEST_CASE("ordinary words are not redacted") {
    Redactor redactor;
    redactor.add("s3cr3t-value");
    for (const char* text : {"the session changed", "key: value", "author=me", "12 tokens left",
                             "a:b=c", "mypass is closed", "", "https://example.org/path?q=1"}) {
        CHECK(redactor.clean(text) == text);
    }
    CHECK(!Redactor::is_secret_key("author"));
    CHECK(!Redactor::is_secret_key("account"));
    CHECK(!Redactor::is_secret_key("key"));
    CHECK(Redactor::is_secret_key("refresh.token"));
    CHECK(Redactor::is_secret_key(std::string(100, 'x') + "_password"));
}

TEST_CASE("a full disk costs lines, which are counted and told when there is space again") {
    test::SimulatedDisk disk;
    const FakeClock clock;
    const auto logger = Logger::to_file(disk, {.path = "/l/worker.log"}, clock, {"alpha", ""});
    logger->info("before");
    const auto size = disk.content("/l/worker.log").size();
    disk.set_capacity(size + 20);
    for (int i = 0; i < 5; ++i)
        logger->info("lost");
    CHECK(logger->dropped() >= 5);
    // Nothing of a lost line is there.
    CHECK(disk.content("/l/worker.log").size() == size);
    const auto dropped = logger->dropped();
    disk.clear_faults();
    logger->info("after");
    logger->info("later");
    const auto content = disk.content("/l/worker.log");
    CHECK(content.find("\"lost\"") == std::string::npos);
    CHECK(content.find("\"event\":\"log_lines_dropped\"") != std::string::npos);
    CHECK(content.find("\"total\":" + std::to_string(dropped)) != std::string::npos);
    CHECK(content.find("\"after\"") > content.find("log_lines_dropped"));
    CHECK(logger->dropped() == dropped);
}

TEST_CASE("a directory that is missing costs lines, not the process") {
    storage::SystemFileSystem files;
    const FakeClock clock;
    const auto logger = Logger::to_file(files, {.path = "/nonexistent/x/worker.log"}, clock);
    logger->error("lost");
    logger->flush();
    CHECK(logger->dropped() == 1);
}

}  // namespace bullpen::log
