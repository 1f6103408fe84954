// Laws of settings: what is written reads back, differences lead from one roster to the other,
// hints are near, and edits leave the rest alone.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "common/config/applied.hpp"
#include "common/config/diff.hpp"
#include "common/config/document.hpp"
#include "common/config/home_setup.hpp"
#include "common/config/keys.hpp"
#include "common/config/nearest.hpp"
#include "common/config/roster_files.hpp"
#include "common/config/schema.hpp"
#include "common/config/together.hpp"
#include "common/config/units.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::config;

namespace {

const std::vector<std::string> k_texts = {"",         "x",   "Joan's \"MES\"", "é – €", "U123",
                                          "a\\b # c", "[x]", "a = 1"};

// Text that the row takes; `fits` decides, so that a new rule needs nothing here.
std::string some_text(const Row& row) {
    std::vector<std::string> good;
    for (const std::string& text : k_texts) {
        if (text.empty() ? row.may_be_empty && row.type != KeyType::texts
                         : row.fits == nullptr || row.fits(text))
            good.push_back(text);
    }
    for (const char* text :
         {"MES", "ES", "paper", "UTC", "America/New_York", "/a/b", "15:00", "200 bars", "USD",
          "https://a.example/b", "bls-ics", "kill", "LOGIN=name", "a@b.example", "hang",
          "crashed: 30 min", "cpi: 1 min before, 2 min after, flatten"}) {
        if (row.fits == nullptr || row.fits(text))
            good.emplace_back(text);
    }
    std::erase_if(good, [&](const auto& text) { return text.size() > row.length_max; });
    if (good.empty())
        FAIL("no text here is one that " << row.name << " takes");
    return *rc::gen::elementOf(good);
}

std::int64_t some_whole(const Row& row) {
    if (!row.zero.empty() && *rc::gen::inRange(0, 4) == 0)
        return 0;
    const auto spread = std::min<std::int64_t>(row.max - row.min, 1'000'000'000'000'000);
    const auto step = *rc::gen::inRange<std::int64_t>(0, spread + 1);
    return *rc::gen::element(row.min, row.max, row.min + step);
}

Value some_value(const Row& row) {
    switch (row.type) {
        case KeyType::flag: return *rc::gen::arbitrary<bool>();
        case KeyType::number:
            return row.number_min +
                   (row.number_max - row.number_min) * (*rc::gen::inRange(0, 1'000'001) / 1e6);
        case KeyType::word:
            return std::string(row.words[*rc::gen::inRange<std::size_t>(0, row.words.size())]);
        case KeyType::texts: {
            std::vector<std::string> texts;
            const int count = *rc::gen::inRange(0, 4);
            for (int i = 0; i < count; ++i)
                texts.push_back(row.fits != nullptr ? some_text(row)
                                : i == 0            ? "/bin/x"
                                                    : *rc::gen::elementOf(k_texts));
            return texts;
        }
        case KeyType::text:
        case KeyType::path: return some_text(row);
        default: return some_whole(row);
    }
}

template <class Settings>
void vary(Settings& settings, int one_in) {
    for (const Key<Settings>& key : keys<Settings>()) {
        if (key.set != nullptr && *rc::gen::inRange(0, one_in) == 0)
            key.set(settings, some_value(key.row));
    }
}

// Settings that a file can say: rules between keys hold.
AccountSettings some_account(const AccountId& id, int one_in = 2) {
    AccountSettings settings(id);
    vary(settings, one_in);
    settings.late_after = std::max(settings.late_after, settings.beat_interval);
    settings.dead_after = settings.late_after + std::chrono::seconds(1);
    if (settings.dead_after > std::chrono::hours(1)) {
        settings.late_after = std::chrono::minutes(2);
        settings.dead_after = std::chrono::minutes(3);
    }
    if (settings.command.empty())
        settings.heartbeat = HeartbeatKind::zmq;
    settings.restart_delay_max = std::max(settings.restart_delay_max, settings.restart_delay);
    if (settings.feed.kind == FeedKind::replay && settings.feed.file.empty())
        settings.feed.file = "bars.csv";
    const auto rules = rules_between_keys();
    if (!std::all_of(rules.begin(), rules.end(), [&](const auto& rule) {
            return !rule.first.starts_with("strategy.") || rule.holds(settings);
        }))
        settings.strategy = {};
    for (const char* name : {"A", "B_2", "PATH"}) {
        if (*rc::gen::inRange(0, 3) == 0)
            settings.environment[name] = *rc::gen::elementOf(k_texts);
    }
    settings.fingerprint = fingerprint(settings);
    return settings;
}

Roster some_roster() {
    Roster roster;
    roster.usable = true;
    vary(roster.daemon, 4);
    for (const char* name : {"alpha", "beta", "gamma", "delta"}) {
        const AccountId id = test::account_id(name);
        const int kind = *rc::gen::inRange(0, 5);
        if (kind == 0)
            roster.invalid.insert(id);
        else if (kind < 4)
            roster.accounts.emplace(id, some_account(id, 10));
    }
    return roster;
}

std::string some_line() {
    return *rc::gen::element<std::string>(
        "", "# note", "label = \"x\"", "enabled = true", "enabled=false # é", "[feed]", "seed = 3",
        "[limits]", "nice = 3", "command = [", "  \"a\", # b", "]", "priority = 1", "\t",
        "group = '''", "'''", "owner = \"é\"\r", "restart.rule = \"never\"", "feed = { seed = 1 }");
}

}  // namespace

TEST_CASE("what settings write, a file says") {
    CHECK(rc::check("account settings written as TOML read back to themselves", [] {
        const AccountSettings settings = some_account(test::account_id("alpha"));
        const SettingsFile file = parse_account_file(settings.id, to_toml(settings));
        RC_ASSERT(file.issues.empty());
        RC_ASSERT(resolve(settings.id, {}, file.own) == settings);
    }));
    CHECK(rc::check("daemon settings written as TOML read back to themselves", [] {
        DaemonSettings settings;
        vary(settings, 2);
        const SettingsFile file = parse_daemon_file(to_toml(settings));
        RC_ASSERT(file.issues.empty());
        RC_ASSERT(resolve(file.own) == settings);
    }));
    CHECK(rc::check("a value's text set again changes nothing", [] {
        const AccountSettings settings = some_account(test::account_id("alpha"));
        AccountSettings copy = settings;
        for (const KeyFacts& key : key_facts(Scope::account)) {
            if (key.type == KeyType::table)
                continue;
            const auto text = value_text(settings, key.name);
            RC_ASSERT(text.has_value());
            RC_ASSERT(set_value(copy, key.name, *text).has_value());
        }
        RC_ASSERT(copy == settings);
    }));
}

TEST_CASE("inheriting and saying it oneself come to the same") {
    CHECK(rc::check("an inheritable value in [defaults] is the value in the file", [] {
        const auto all = keys<AccountSettings>();
        const auto& key = all[*rc::gen::inRange<std::size_t>(0, all.size())];
        // Of heartbeats the defaults speak for programs alone:
        // tests/integration/daemon/told_test.py.
        const bool inherits =
            key.set != nullptr && key.row.inheritable && key.row.name != "heartbeat";
        RC_PRE(inherits);
        const std::string line =
            std::string(key.row.name) + " = " + print(key.row, some_value(key.row)) + "\n";
        const AccountId id = test::account_id("alpha");
        const SettingsFile own = parse_account_file(id, line);
        const SettingsFile daemon = parse_daemon_file("defaults." + line);
        RC_ASSERT(own.good());
        RC_ASSERT(resolve(id, {}, own.own) == resolve(id, daemon.defaults, {}));
    }));
}

TEST_CASE("differences") {
    CHECK(rc::check("a roster does not differ from itself", [] {
        const Roster roster = some_roster();
        RC_ASSERT(diff(roster, roster).empty());
    }));
    CHECK(rc::check("a difference leads from one roster to the other", [] {
        const Roster from = some_roster();
        const Roster to = some_roster();
        const RosterDiff difference = diff(from, to);
        Roster walked = from;
        for (const AccountId& id : difference.removed) {
            walked.accounts.erase(id);
            walked.invalid.erase(id);
        }
        for (const AccountId& id : difference.invalid) {
            walked.accounts.erase(id);
            walked.invalid.insert(id);
        }
        for (const AccountId& id : difference.added) {
            walked.invalid.erase(id);
            walked.accounts.emplace(id, to.accounts.at(id));
        }
        for (const AccountChange& change : difference.changed) {
            for (const KeyChange& key : change.keys) {
                auto& settings = walked.accounts.at(change.account);
                RC_ASSERT(value_text(settings, key.key).value() == key.old_text);
                RC_ASSERT(set_value(settings, key.key, key.new_text).has_value());
            }
        }
        for (const KeyChange& key : difference.daemon)
            RC_ASSERT(set_value(walked.daemon, key.key, key.new_text).has_value());
        RC_ASSERT(walked.accounts == to.accounts);
        RC_ASSERT(walked.invalid == to.invalid);
        RC_ASSERT(walked.daemon == to.daemon);
        RC_ASSERT(diff(walked, to).empty());
    }));
    CHECK(rc::check("a restart is needed exactly when the fingerprint changed", [] {
        Roster from = some_roster();
        const AccountId id = test::account_id("alpha");
        from.accounts.insert_or_assign(id, some_account(id, 20));
        from.invalid.erase(id);
        Roster to = from;
        AccountSettings& changed = to.accounts.at(id);
        vary(changed, 20);
        changed.fingerprint = fingerprint(changed);
        const RosterDiff difference = diff(from, to);
        const bool restart = !difference.changed.empty() && difference.changed[0].restart_needed;
        RC_ASSERT(restart == (changed.fingerprint != from.accounts.at(id).fingerprint));
    }));
}

TEST_CASE("hints") {
    CHECK(rc::check("one slip in a key leads back to it, or to one as near", [] {
        std::vector<std::string_view> known;
        for (const KeyFacts& key : key_facts(Scope::account))
            known.push_back(key.name);
        const std::string key(*rc::gen::elementOf(known));
        std::string slip = key;
        const auto at = *rc::gen::inRange<std::size_t>(0, key.size());
        switch (*rc::gen::inRange(0, 3)) {
            case 0: slip.erase(at, 1); break;
            case 1: slip.insert(at, 1, 'x'); break;
            default: slip[at] = 'x';
        }
        const std::string_view hint = nearest(slip, known);
        RC_ASSERT(!hint.empty());
        RC_ASSERT(hint == key || edit_distance(slip, hint) <= edit_distance(slip, key) + 1);
    }));
    CHECK(rc::check("the distance is a distance", [] {
        const auto word = rc::gen::container<std::string>(rc::gen::inRange('a', 'd'));
        const std::string a = *word;
        const std::string b = *word;
        RC_ASSERT(edit_distance(a, b) == edit_distance(b, a));
        RC_ASSERT((edit_distance(a, b) == 0) == (a.substr(0, 64) == b.substr(0, 64)));
        RC_ASSERT(edit_distance(a, b) <= static_cast<int>(std::max(a.size(), b.size())));
    }));
}

TEST_CASE("units") {
    CHECK(rc::check("durations and sizes read back to themselves", [] {
        const auto value = *rc::gen::suchThat<std::int64_t>([](auto v) { return v >= 0; });
        const auto unit = *rc::gen::element<std::int64_t>(1, 1'000, 1'000'000'000, 1 << 20);
        const std::int64_t amount = value % (1LL << 32) * unit;
        RC_ASSERT(parse_duration(format_duration(Nanos(amount))).value() == Nanos(amount));
        RC_ASSERT(parse_size(format_size(static_cast<std::uint64_t>(amount))).value() ==
                  static_cast<std::uint64_t>(amount));
    }));
}

TEST_CASE("edits") {
    CHECK(rc::check("enabling changes `enabled` and no other key, line or comment", [] {
        std::string text;
        const int lines = *rc::gen::inRange(0, 12);
        for (int i = 0; i < lines; ++i)
            text += some_line() + "\n";
        const bool wanted = *rc::gen::arbitrary<bool>();
        const Document before = parse_document(text);
        const auto edited = set_enabled(text, wanted);
        RC_ASSERT(edited.has_value() == before.errors.empty());
        if (!edited)
            return;
        const Document after = parse_document(*edited);
        RC_ASSERT(after.errors.empty());
        std::map<std::string, Content> old_keys;
        std::map<std::string, Content> new_keys;
        for (const Leaf& leaf : before.leaves)
            old_keys[leaf.path] = leaf.content;
        for (const Leaf& leaf : after.leaves)
            new_keys[leaf.path] = leaf.content;
        old_keys["enabled"] = wanted;
        RC_ASSERT(new_keys == old_keys);
        RC_ASSERT(edited->size() + 1 >= text.size());
        RC_ASSERT(set_enabled(*edited, wanted).value() == *edited);
    }));
}

TEST_CASE("records") {
    CHECK(rc::check("a roster's record reads back to itself, whatever the texts are", [] {
        AppliedRoster roster;
        roster.daemon_text = *rc::gen::arbitrary<std::string>();
        for (const char* name : {"a", "b-2", "c_3"})
            roster.accounts[test::account_id(name)] = *rc::gen::arbitrary<std::string>();
        const auto read = parse_applied(to_text(roster));
        RC_ASSERT(read.has_value());
        RC_ASSERT(read->daemon_text == roster.daemon_text);
        RC_ASSERT(read->accounts == roster.accounts);
    }));
    CHECK(rc::check("any text is told to be UTF-8 or not without harm", [] {
        const auto text = *rc::gen::arbitrary<std::string>();
        const Document document = parse_document(text);
        RC_ASSERT(document.errors.size() <= k_syntax_errors_max);
    }));
}
