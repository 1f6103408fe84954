#include "ipc/status_board.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/model/reason.hpp"
#include "ipc/identity.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::ipc;

namespace {

// Where things are in the file, as docs/protocol.md says.
constexpr std::size_t k_version_offset = 8;
constexpr std::size_t k_slot_size_offset = 20;
constexpr std::size_t k_slot_count_offset = 24;
constexpr std::size_t k_header_size = 64;

BoardDaemon this_daemon() {
    BoardDaemon daemon;
    daemon.version = "0.1.0";
    daemon.boot_id = boot_id();
    daemon.pid = ::getpid();
    daemon.start_time = start_time_of(::getpid()).value();
    return daemon;
}

BoardSlot slot_of(const std::string& account, std::uint64_t bars = 0) {
    BoardSlot slot;
    slot.account = account;
    slot.state = model::WorkerState::running;
    slot.bars = bars;
    return slot;
}

template <class Value>
void poke(const std::string& path, std::size_t offset, Value value) {
    const auto file = open_file(path, O_WRONLY).value();
    REQUIRE(::pwrite(file.get(), &value, sizeof value, static_cast<off_t>(offset)) == sizeof value);
}

}  // namespace

TEST_CASE("what is put on the board is read from it, in the order of names") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("board");
    auto writer = BoardWriter::create(path, this_daemon(), 4).value();
    BoardSlot slot = slot_of("mes02", 7);
    slot.label = "Micro S&P";
    slot.reason_text = std::string(200, 'r');
    slot.pid = 4711;
    slot.last_bar_mono = MonoTime(Nanos(5));
    REQUIRE(writer.put(slot));
    REQUIRE(writer.put(slot_of("mes01")));
    const auto board = BoardReader::read(path).value();
    REQUIRE(board.slots.size() == 2);
    CHECK(board.slots[0].account.view() == "mes01");
    CHECK((board.slots[1] == slot));
    CHECK(board.daemon.version.view() == "0.1.0");
    CHECK(board.daemon.generation == 1);
    CHECK(board.daemon_alive);
    CHECK(board.this_boot);
    CHECK(board.torn == 0);
    CHECK((BoardReader::read(path, test::account_id("mes02")).value() == slot));
    CHECK_FALSE(BoardReader::read(path, test::account_id("none")).value());
}

TEST_CASE("a removed account leaves the board and its place is used again") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("board");
    auto writer = BoardWriter::create(path, this_daemon(), 1).value();
    const std::size_t capacity = writer.capacity();
    for (std::size_t i = 0; i < 3 * capacity; ++i) {
        REQUIRE(writer.put(slot_of("a" + std::to_string(i))));
        writer.remove(test::account_id("a" + std::to_string(i)));
    }
    writer.remove(test::account_id("never_there"));
    CHECK(writer.capacity() == capacity);
    CHECK(BoardReader::read(path).value().slots.empty());
}

TEST_CASE("a board that is too small grows, and readers see all of it") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("board");
    auto writer = BoardWriter::create(path, this_daemon(), 1).value();
    for (int i = 0; i < 100; ++i)
        REQUIRE(writer.put(slot_of("a" + std::to_string(i), static_cast<std::uint64_t>(i))));
    REQUIRE(writer.put(slot_of("a7", 1'000)));
    const auto board = BoardReader::read(path).value();
    CHECK(board.slots.size() == 100);
    CHECK(writer.accounts().size() == 100);
    CHECK(writer.has(test::account_id("a99")));
    CHECK(BoardReader::read(path, test::account_id("a7")).value()->bars == 1'000);
    CHECK_FALSE(std::filesystem::exists(path + ".new"));
}

TEST_CASE("there is a limit to a board, said as an error") {
    const test::TemporaryDirectory directory;
    const auto writer =
        BoardWriter::create(directory.file("board"), this_daemon(), k_board_slots_max + 1);
    REQUIRE_FALSE(writer);
    CHECK(writer.error().code() == Errc::exhausted);
}

TEST_CASE("a new daemon's board keeps what the old one said of the workers") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("board");
    {
        auto old = BoardWriter::create(path, this_daemon(), 4).value();
        REQUIRE(old.put(slot_of("mes01", 42)));
    }
    auto writer = BoardWriter::create(path, this_daemon(), 4).value();
    CHECK(writer.has(test::account_id("mes01")));
    auto board = BoardReader::read(path).value();
    CHECK(board.daemon.generation == 2);
    REQUIRE(board.slots.size() == 1);
    CHECK(board.slots[0].bars == 42);
}

TEST_CASE("a board of an earlier boot is said to be one, and is not carried over") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("board");
    BoardDaemon daemon = this_daemon();
    daemon.boot_id = "an earlier boot";
    {
        auto old = BoardWriter::create(path, daemon, 4).value();
        REQUIRE(old.put(slot_of("mes01")));
    }
    const auto board = BoardReader::read(path).value();
    CHECK_FALSE(board.this_boot);
    CHECK_FALSE(board.daemon_alive);
    CHECK(board.slots.size() == 1);
    const auto writer = BoardWriter::create(path, this_daemon(), 4).value();
    CHECK(writer.accounts().empty());
}

TEST_CASE("the board of a dead daemon is read and says that its writer is dead") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("board");
    BoardDaemon daemon = this_daemon();
    daemon.start_time += 1;
    auto writer = BoardWriter::create(path, daemon, 4).value();
    REQUIRE(writer.put(slot_of("mes01")));
    const auto board = BoardReader::read(path).value();
    CHECK_FALSE(board.daemon_alive);
    CHECK(board.slots.size() == 1);
}

TEST_CASE("a slot whose writer died while writing it is left out and counted") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("board");
    BoardDaemon daemon = this_daemon();
    daemon.start_time += 1;
    auto writer = BoardWriter::create(path, daemon, 4).value();
    REQUIRE(writer.put(slot_of("mes01")));
    REQUIRE(writer.put(slot_of("mes02")));
    // The count of the first slot follows that of the daemon's record; odd means "being written".
    poke(path, k_header_size + 8, std::uint64_t{3});
    const auto board = BoardReader::read(path).value();
    CHECK(board.torn == 1);
    REQUIRE(board.slots.size() == 1);
    CHECK(board.slots[0].account.view() == "mes02");
    // Writing it again makes it whole.
    REQUIRE(writer.put(slot_of("mes01")));
    CHECK(BoardReader::read(path).value().torn == 0);
}

TEST_CASE("words that this program does not know are not passed on") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("board");
    auto writer = BoardWriter::create(path, this_daemon(), 4).value();
    BoardSlot slot = slot_of("mes01");
    slot.state = static_cast<model::WorkerState>(200);
    REQUIRE(writer.put(slot));
    const auto board = BoardReader::read(path).value();
    CHECK(board.slots.empty());
    CHECK(board.torn == 1);
}

TEST_CASE("a board cut short at any length is an error and never a crash") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("board");
    const auto writer = BoardWriter::create(path, this_daemon(), 4).value();
    const auto size = std::filesystem::file_size(path);
    const std::string copy = directory.file("copy");
    for (std::uintmax_t length = 0; length < size; length += length < 200 ? 1 : 997) {
        std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);
        std::filesystem::resize_file(copy, length);
        const auto board = BoardReader::read(copy);
        REQUIRE_FALSE(board);
        CHECK(board.error().code() == Errc::corrupt);
    }
}

TEST_CASE("what is no board, or of another version, is refused with a reason") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("board");
    CHECK(BoardReader::read(path).error().code() == Errc::not_found);
    test::write_text(path, std::string(100'000, 'x'));
    CHECK(BoardReader::read(path).error().message().find("is not a status board") !=
          std::string::npos);
    {
        const auto writer = BoardWriter::create(path, this_daemon(), 4).value();
        CHECK(BoardReader::read(path).has_value());
    }
    poke(path, k_version_offset, std::uint32_t{k_board_version + 1});
    CHECK(BoardReader::read(path).error().code() == Errc::newer_version);
    poke(path, k_version_offset, std::uint32_t{0});
    CHECK(BoardReader::read(path).error().message().find("of an older program") !=
          std::string::npos);
    poke(path, k_version_offset, k_board_version);
    for (const std::uint64_t count : {std::uint64_t{5'000}, std::uint64_t{1} << 60U}) {
        poke(path, k_slot_count_offset, count);
        CHECK(BoardReader::read(path).error().code() == Errc::corrupt);
    }
    poke(path, k_slot_count_offset, std::uint64_t{16});
    for (const std::uint32_t size : {0U, 7U, 4'000'000'000U}) {
        poke(path, k_slot_size_offset, size);
        CHECK(BoardReader::read(path).error().code() == Errc::corrupt);
    }
    // A daemon that starts over any of these makes a good one.
    const auto writer = BoardWriter::create(path, this_daemon(), 4);
    REQUIRE(writer);
    CHECK(BoardReader::read(path).has_value());
}

TEST_CASE("a slot with fields appended by a later program is read as far as it is known") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("board");
    constexpr std::uint32_t k_slots = 16;
    constexpr std::uint32_t k_longer = sizeof(BoardSlot) + 64;
    {
        auto writer = BoardWriter::create(path, this_daemon(), k_slots).value();
        REQUIRE(writer.put(slot_of("mes01", 42)));
    }
    const std::string bytes = test::read_text(path);
    const std::size_t records = k_header_size + (k_slots + 1) * 8 + sizeof(BoardDaemon);
    std::string longer = bytes.substr(0, records);
    for (std::size_t i = 0; i < k_slots; ++i) {
        longer += bytes.substr(records + i * sizeof(BoardSlot), sizeof(BoardSlot));
        longer += std::string(k_longer - sizeof(BoardSlot), '?');
    }
    test::write_text(path, longer);
    poke(path, k_slot_size_offset, k_longer);
    const auto board = BoardReader::read(path).value();
    REQUIRE(board.slots.size() == 1);
    CHECK((board.slots[0] == slot_of("mes01", 42)));
}

TEST_CASE("a board is for this user alone, and its room on disk is reserved") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("board");
    const auto writer = BoardWriter::create(path, this_daemon(), 500).value();
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600);
    CHECK(static_cast<std::uint64_t>(status.st_blocks) * 512 >=
          static_cast<std::uint64_t>(status.st_size));
}

TEST_CASE("what happens next after any reason fits its place") {
    for (std::size_t i = 0; i < model::k_reasons; ++i) {
        const auto& text = model::text(static_cast<model::Reason>(i));
        CAPTURE(text.code);
        CHECK(text.code.size() <= decltype(BoardSlot::reason)::k_bytes_max);
        CHECK(text.next.size() <= decltype(BoardSlot::next)::k_bytes_max);
    }
}

TEST_CASE("text is cut at a character, and shows that it was") {
    CHECK(BoardText<4>("abcd").view() == "abcd");
    CHECK(BoardText<4>("abcde").view() == "a\u2026");
    CHECK(BoardText<5>("a\xC3\xB6\xC3\xB6!").view() == "a\u2026");
    CHECK(BoardText<4>("ab\xC3\xB6").view() == "ab\xC3\xB6");
    CHECK(BoardText<4>("\xF0\x9F\x98\x80!").view() == "\u2026");
    CHECK(BoardText<4>("").empty());
    BoardText<8> text("long one");
    text = "x";
    CHECK((text == BoardText<8>("x")));
}
