// docs/protocol.md is what programs in other languages are written from: its lists and numbers are
// those of the code.
#include <doctest/doctest.h>

#include <cstddef>
#include <nlohmann/json.hpp>

#include "ipc/codec.hpp"
#include "ipc/lock_facts.hpp"
#include "ipc/status_board.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/ipc/samples.hpp"

using namespace bullpen;
using namespace bullpen::ipc;

namespace {

const std::string& document() {
    static const std::string text = test::read_text(test::source_directory() + "/docs/protocol.md");
    return text;
}

bool says(const std::string& text) {
    return document().find(text) != std::string::npos;
}

std::string row(std::size_t offset, std::size_t size, const std::string& field) {
    return "| " + std::to_string(offset) + " | " + std::to_string(size) + " | `" + field + "`";
}

}  // namespace

#define CHECK_ROW(record, field) \
    CHECK_MESSAGE(says(row(offsetof(record, field), sizeof(record::field), #field)), #field)

TEST_CASE("the page names every message and every field of the schemas") {
    for (const auto& sample : samples::messages()) {
        const std::string type(type_name(sample.message));
        CHECK_MESSAGE(says("| `" + type + "` |"), type);
        for (const auto& field : samples::fields_of(encode(sample.message)))
            CHECK_MESSAGE(says("`" + field + "`"), type, ".", field);
    }
    for (const auto& sample : samples::requests()) {
        for (const auto& field : samples::fields_of(encode(sample.request)))
            CHECK_MESSAGE(says("`" + field + "`"), field);
    }
    for (const auto& sample : samples::replies()) {
        for (const auto& field : samples::fields_of(encode(sample.reply)))
            CHECK_MESSAGE(says("`" + field + "`"), field);
    }
}

TEST_CASE("the page gives the board's layout as it is") {
    CHECK_ROW(BoardSlot, account);
    CHECK_ROW(BoardSlot, label);
    CHECK_ROW(BoardSlot, reason);
    CHECK_ROW(BoardSlot, mode_reason);
    CHECK_ROW(BoardSlot, reason_text);
    CHECK_ROW(BoardSlot, next);
    CHECK_ROW(BoardSlot, position);
    CHECK_ROW(BoardSlot, day_pnl);
    CHECK_ROW(BoardSlot, last_error);
    CHECK_ROW(BoardSlot, worker_version);
    CHECK_ROW(BoardSlot, since);
    CHECK_ROW(BoardSlot, last_beat_mono);
    CHECK_ROW(BoardSlot, last_bar_mono);
    CHECK_ROW(BoardSlot, quantity);
    CHECK_ROW(BoardSlot, pid);
    CHECK_ROW(BoardSlot, state);
    CHECK_ROW(BoardSlot, wanted);
    CHECK_ROW(BoardSlot, whole_error);
    CHECK_ROW(BoardDaemon, version);
    CHECK_ROW(BoardDaemon, boot_id);
    CHECK_ROW(BoardDaemon, name);
    CHECK_ROW(BoardDaemon, written_mono);
    CHECK_ROW(BoardDaemon, generation);
    CHECK_ROW(BoardDaemon, alarms);
    CHECK_ROW(BoardDaemon, pid);
    CHECK_ROW(BoardDaemon, disk_full);
    CHECK(says("| " + std::to_string(sizeof(BoardSlot)) + " | | end |"));
    CHECK(says("| " + std::to_string(sizeof(BoardDaemon)) + " | | end |"));
    CHECK(says("layout version, " + std::to_string(k_board_version)));
}

TEST_CASE("the page gives the lock file's numbers as they are") {
    CHECK(says("in exactly " + std::to_string(k_lock_line_size) + " bytes"));
    CHECK(says("has " + std::to_string(k_pid_width) + " columns from byte " +
               std::to_string(k_pid_offset)));
    CHECK(says("has " + std::to_string(k_start_width) + " columns from byte " +
               std::to_string(k_start_offset)));
    CHECK(says("everything from byte " + std::to_string(k_pid_offset)));
}

TEST_CASE("the frames of the worked exchange are good ones") {
    // Whole frames only: those that are cut short with "..." are for the eye.
    std::size_t good = 0;
    const std::string text = document();
    for (std::size_t at = text.find("{\"v\":1,\"type\""); at != std::string::npos;
         at = text.find("{\"v\":1,\"type\"", at + 1)) {
        int depth = 0;
        std::size_t end = at;
        do {
            depth += text[end] == '{' ? 1 : text[end] == '}' ? -1 : 0;
            ++end;
        } while (depth > 0 && end < text.size());
        const std::string frame = text.substr(at, end - at);
        if (frame.find("...") != std::string::npos ||
            frame.find("\"type\":\"request\"") != std::string::npos ||
            frame.find("\"type\":\"reply\"") != std::string::npos ||
            frame.find("\"type\":\"event\"") != std::string::npos)
            continue;
        const auto decoded = decode(frame);
        CHECK_MESSAGE(decoded, frame);
        ++good;
    }
    CHECK(good >= 6);
}
