#include "notify/saved.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/storage/checksum.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::notify {
namespace {

const UtcTime k_now = parse_utc("2026-11-22T12:00:00.123456789Z").value();

Saved full() {
    Saved saved;
    saved.cursors["/h/logs/bullpend.log"] = {77, 12345, 0xdeadbeef};
    auto alert = make_alert(Kind::crashed, k_now, "a", "it died: \"x\"\nü", "subject");
    alert.id = "0123456789abcdef";
    alert.advice = "look";
    alert.more = 12;
    alert.since = k_now;
    saved.gate.keys["crashed/a"] = {k_now, 3, k_now, alert};
    saved.gate.keys["disk/a"] = {k_now, 0, {}, std::nullopt};
    saved.gate.sent = {{{k_now}, {}, {k_now, k_now + Nanos(1)}}};
    saved.gate.held_back[Kind::entry] = 7;
    saved.gate.held_since = k_now;
    Delivery delivery;
    delivery.number = 5;
    delivery.alert = alert;
    delivery.target = Target::smtp;
    delivery.form = Form::brief;
    delivery.recipients = {"sms:5@example.org"};
    delivery.added = delivery.next = k_now;
    delivery.attempts = 2;
    delivery.trouble = "no";
    saved.outbox.waiting = {delivery};
    saved.outbox.last_number = 5;
    saved.outbox.given_up = 1;
    saved.board.open_since["a"] = k_now;
    saved.board.open_told = {"a"};
    saved.board.limit_told = {"a/daily_loss"};
    saved.board.recap_at = k_now;
    saved.board.daemon_told = true;
    return saved;
}

TEST_CASE("what is saved is read as it was") {
    const auto saved = full();
    const auto read = parse_saved(to_text(saved));
    REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().message()));
    CHECK(*read == saved);
    CHECK(parse_saved(to_text(Saved())).value() == Saved());
}

TEST_CASE("what an older program sent counts as warnings") {
    Saved saved;
    saved.gate.sent = {{{}, {k_now}, {}}};
    auto text = to_text(saved);
    const std::string now = R"("sent":{"critical":[],"info":[],"warning":[)";
    const auto begin = text.find(now);
    REQUIRE(begin != std::string::npos);
    text.replace(begin, now.size(), R"("sent":[)");
    const auto end = text.find("]}", begin);
    REQUIRE(end != std::string::npos);
    text.erase(end + 1, 1);
    const auto line = text.find('\n');
    const auto body = text.substr(line + 1, text.size() - line - 2);
    const auto sealed = text.substr(0, line - 8) + storage::checksum_text(storage::crc32c(body)) +
                        "\n" + body + "\n";
    const auto read = parse_saved(sealed);
    REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().message()));
    CHECK(*read == saved);
}

TEST_CASE("no byte that is changed or missing goes unnoticed") {
    const auto text = to_text(full());
    for (std::size_t i = 0; i < text.size(); i += 7) {
        auto changed = text;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        CHECK_FALSE(parse_saved(changed).has_value());
        CHECK_FALSE(parse_saved(std::string_view(text).substr(0, i)).has_value());
    }
    const auto newer = parse_saved("bullpen-alerts 2 00000000\n{}\n");
    REQUIRE_FALSE(newer.has_value());
    CHECK(newer.error().code() == Errc::newer_version);
}

TEST_CASE("a damaged state gives way to the one before it, and that to none") {
    const test::TemporaryDirectory directory;
    storage::SystemFileSystem files;
    const auto path = directory.file("state");
    CHECK_FALSE(load_saved(files, path).restored);
    CHECK(load_saved(files, path).trouble.empty());
    Saved first;
    first.outbox.last_number = 1;
    Saved second;
    second.outbox.last_number = 2;
    REQUIRE(store_saved(files, path, first));
    REQUIRE(store_saved(files, path, second));
    CHECK(load_saved(files, path).saved == second);
    test::write_text(path, "bullpen-alerts 1 00000000\n{}\n");
    const auto older = load_saved(files, path);
    CHECK(older.restored);
    CHECK(older.saved == first);
    CHECK_FALSE(older.trouble.empty());
    test::write_text(storage::previous_of(path), "");
    const auto none = load_saved(files, path);
    CHECK_FALSE(none.restored);
    CHECK_FALSE(none.trouble.empty());
    CHECK(none.saved == Saved());
}

}  // namespace
}  // namespace bullpen::notify
