#include "notify/tail.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <vector>

#include "tests/support/temporary.hpp"

namespace bullpen::notify {
namespace {

using Begin = LogTail::Begin;

struct Log {
    test::TemporaryDirectory directory;
    std::string path = directory.file("x.log");

    void append(const std::string& text) const {
        std::ofstream(path, std::ios::app | std::ios::binary) << text;
    }
    [[nodiscard]] std::string rotated(int number) const {
        return path + ".20261122T12000" + std::to_string(number) + ".000Z";
    }
    void rotate(int number) const {
        REQUIRE(std::rename(path.c_str(), rotated(number).c_str()) == 0);
    }
};

struct Reader {
    LogTail tail;
    std::vector<std::string> primed;

    Reader(const Log& log, std::optional<Cursor> cursor, Begin begin)
        : tail(log.path, cursor, begin) {}
    std::vector<std::string> read(std::size_t most = 1 << 20) {
        std::vector<std::string> lines;
        (void)tail.read(
            most, [&](std::string_view line) { primed.emplace_back(line); },
            [&](std::string_view line) { lines.emplace_back(line); });
        return lines;
    }
};
using Lines = std::vector<std::string>;

TEST_CASE("each whole line comes once; one that is not whole waits for its end") {
    const Log log;
    Reader reader(log, std::nullopt, Begin::first);
    CHECK(reader.read().empty());  // there is no log yet
    log.append("one\ntwo\nthr");
    CHECK(reader.read() == Lines{"one", "two"});
    CHECK(reader.read().empty());
    log.append("ee\n");
    CHECK(reader.read() == Lines{"three"});
}

TEST_CASE("who begins at the end gets what is new, and the lines before it to remember") {
    const Log log;
    log.append("old\n");
    Reader reader(log, std::nullopt, Begin::end);
    CHECK(reader.read(0).empty());
    CHECK(reader.primed == Lines{"old"});
    log.append("new\n");
    CHECK(reader.read() == Lines{"new"});
}

TEST_CASE("a rotation loses no line, however many there were") {
    const Log log;
    Reader reader(log, std::nullopt, Begin::first);
    log.append("1\n");
    CHECK(reader.read() == Lines{"1"});
    log.append("2\n");
    log.rotate(1);
    log.append("3\n");
    log.rotate(2);
    log.append("4\n");
    CHECK(reader.read() == Lines{"2", "3", "4"});
    log.append("5\n");
    CHECK(reader.read() == Lines{"5"});
}

TEST_CASE("another process goes on where the one before it was, over rotations") {
    const Log log;
    log.append("1\n2\n");
    Reader first(log, std::nullopt, Begin::first);
    (void)first.read();
    const auto cursor = first.tail.cursor();
    REQUIRE(cursor.has_value());
    log.append("3\n");
    {
        Reader second(log, cursor, Begin::end);
        CHECK(second.read() == Lines{"3"});
        CHECK(second.primed == Lines{"1", "2"});
    }
    log.rotate(1);
    log.append("4\n");
    log.rotate(2);
    log.append("5\n");
    CHECK(Reader(log, cursor, Begin::end).read() == Lines{"3", "4", "5"});
    // The file it was in is gone: all that is left is newer.
    REQUIRE(::unlink(log.rotated(1).c_str()) == 0);
    CHECK(Reader(log, cursor, Begin::end).read() == Lines{"4", "5"});
}

TEST_CASE("the number of a removed file that a new one has is not taken for it") {
    const Log log;
    log.append("1 a line of the first file\n");
    Reader first(log, std::nullopt, Begin::first);
    (void)first.read();
    auto cursor = first.tail.cursor();
    REQUIRE(::unlink(log.path.c_str()) == 0);
    log.append("2 a line of the second file, which is longer than it\n");
    Reader probe(log, std::nullopt, Begin::first);
    (void)probe.read();
    cursor->inode = probe.tail.cursor()->inode;
    CHECK(Reader(log, cursor, Begin::end).read().size() == 1);
}

TEST_CASE("a file that somebody emptied is read from its beginning") {
    const Log log;
    log.append("1\n2\n");
    Reader reader(log, std::nullopt, Begin::first);
    (void)reader.read();
    test::write_text(log.path, "");
    CHECK(reader.read().empty());
    log.append("3\n");
    CHECK(reader.read() == Lines{"3"});
}

TEST_CASE("a line that is too long is passed over, and the next one is read") {
    const Log log;
    log.append(std::string(3 * LogTail::k_line_max, 'x'));
    Reader reader(log, std::nullopt, Begin::first);
    CHECK(reader.read().empty());
    log.append("xx\nnext\n");
    CHECK(reader.read() == Lines{"next"});
}

TEST_CASE("not much more is read at once than was asked for, and the rest comes later") {
    const Log log;
    std::string text;
    constexpr std::size_t k_lines = 100'000;
    for (std::size_t i = 0; i < k_lines; ++i)
        text += std::to_string(i) + " of them all\n";
    REQUIRE(text.size() > 4 * LogTail::k_chunk);
    log.append(text);
    Reader reader(log, std::nullopt, Begin::first);
    CHECK(reader.read(0).empty());
    std::size_t all = 0;
    std::size_t turns = 0;
    for (auto some = reader.read(1); !some.empty(); some = reader.read(1)) {
        CHECK(some.front() == std::to_string(all) + " of them all");
        all += some.size();
        ++turns;
    }
    CHECK(all == k_lines);
    CHECK(turns >= text.size() / LogTail::k_chunk);
}

TEST_CASE("a line is read whole however little was asked for, also before a rotation") {
    const Log log;
    const std::string longest(LogTail::k_line_max - 1, 'x');
    log.append(longest + "\n" + longest + "\n");
    log.rotate(1);
    log.append("next\n");
    Reader reader(log, std::nullopt, Begin::first);
    Lines all;
    for (auto some = reader.read(1); !some.empty(); some = reader.read(1))
        all.insert(all.end(), some.begin(), some.end());
    CHECK(all == Lines{longest, longest, "next"});
}

}  // namespace
}  // namespace bullpen::notify
