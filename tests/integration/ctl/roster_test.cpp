#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "common/storage/journal.hpp"
#include "common/storage/state_store.hpp"
#include "ipc/account_lock.hpp"
#include "tests/integration/ctl/fake_daemon.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::test;
using nlohmann::json;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

AccountPaths paths_of(const TemporaryHome& home, const std::string& name) {
    return home.home().account(account_id(name));
}

// Gives the account a state file, the one before it, and a journal of three records from 5 on.
void give_records(const TemporaryHome& home, const std::string& name) {
    storage::SystemFileSystem files;
    const auto paths = paths_of(home, name);
    REQUIRE(make_directories(paths.directory, 0700));
    storage::StateStore store(files, paths.state_file, account_id(name));
    storage::StateRecord record;
    record.data = R"({"bars":1})";
    REQUIRE(store.save(record));
    record.data = R"({"bars":2})";
    record.clean_exit = true;
    REQUIRE(store.save(record));
    auto journal = storage::Journal::open(files, paths.journal, account_id(name), {}, 5);
    REQUIRE(journal);
    for (const auto* body : {"a", "bb", "ccc"})
        REQUIRE(journal->append(9, body));
    REQUIRE(journal->sync());
    write_text(paths.directory + "/note", "kept");
}

void check_records(const TemporaryHome& home, const std::string& name) {
    storage::SystemFileSystem files;
    const auto paths = paths_of(home, name);
    storage::StateStore store(files, paths.state_file, account_id(name));
    const auto loaded = store.load();
    REQUIRE(loaded);
    REQUIRE(loaded->record);
    CHECK(json::parse(loaded->record->data)["bars"] == 2);
    CHECK(loaded->record->clean_exit);
    const auto previous = storage::peek_state(files, paths.state_file + ".previous");
    REQUIRE(previous);
    CHECK(previous->account == name);
    auto journal = storage::Journal::open(files, paths.journal, account_id(name));
    REQUIRE(journal);
    CHECK(journal->first_sequence() == 5);
    CHECK(journal->next_sequence() == 8);
    std::string bodies;
    CHECK(journal->read(5, [&](const storage::JournalRecord& record) -> Result<void> {
        bodies += std::to_string(record.kind) + std::string(record.body) + " ";
        return {};
    }));
    CHECK(bodies == "9a 9bb 9ccc ");
    CHECK(read_text(paths.directory + "/note") == "kept");
    CHECK_FALSE(exists(paths.journal + ".before-rename"));
}

// A daemon for whose reread the difference is as given.
FakeDaemon::Answer differing(const std::string& diff) {
    return [diff](const ipc::Request& request) {
        const auto data = "{\"diff\":" + diff + ",\"problems\":[]}";
        if (request.command == "update")
            return std::vector<ipc::Reply>{verdict("mes01", true, "started", "running as pid 1"),
                                           result(true, "", data)};
        return std::vector<ipc::Reply>{result(true, "", data)};
    };
}

}  // namespace

TEST_CASE("init makes a home that check finds in order") {
    const TemporaryDirectory directory;
    const auto path = directory.file("home");
    const auto made = run({program("bullpenctl"), "init", path});
    CHECK(made.code == 0);
    CHECK(contains(made.out, "bullpen.toml"));
    CHECK(run({program("bullpenctl"), "-H", path, "check"}).code == 0);
    CHECK(contains(run({program("bullpenctl"), "init", path}).out, "was complete already"));
    CHECK(run({program("bullpenctl"), "init", "/" + std::string(120, 'x')}).code == 64);
}

TEST_CASE("check lists every error with its place and the nearest key, and exits 78") {
    const TemporaryHome home;
    home.account(account_id("a"), "label = \"x\"\npriorty = 3\n");
    home.account(account_id("b"), "enabled = 1\n");
    const auto checked = bullpenctl(home.home(), {"check"});
    CHECK(checked.code == 78);
    CHECK(contains(checked.out, "accounts.d/a.toml:2"));
    CHECK(contains(checked.out, "priority"));
    CHECK(contains(checked.out, "accounts.d/b.toml:1"));
    const auto data = json::parse(bullpenctl(home.home(), {"check", "--json"}).out);
    CHECK(data["ok"] == false);
    CHECK(data["problems"].size() == 2);
    CHECK(data["problems"][0]["nearest"] == "priority");
}

TEST_CASE("add writes a checked file once, and says that no daemon took it up") {
    const TemporaryHome home;
    const auto added = bullpenctl(
        home.home(), {"add", "mes01", "group=futures", "label=Joan's MES", "priority=5"});
    CHECK(added.code == 0);
    CHECK(contains(added.out, "bullpend does not run"));
    const auto text = read_text(paths_of(home, "mes01").roster_file);
    CHECK(contains(text, "Joan's MES"));
    CHECK(bullpenctl(home.home(), {"check"}).code == 0);
    CHECK(bullpenctl(home.home(), {"add", "mes01"}).code == 1);
    CHECK(bullpenctl(home.home(), {"add", "mes02", "priorty=5"}).code == 78);
    CHECK(bullpenctl(home.home(), {"add", "mes02", "priority"}).code == 64);
    CHECK(bullpenctl(home.home(), {"add", "Mes 02"}).code == 64);
    CHECK_FALSE(exists(paths_of(home, "mes02").roster_file));
}

TEST_CASE("an edit is applied by the daemon when it is the only one") {
    const TemporaryHome home;
    const FakeDaemon daemon(home.home(), {},
                            differing(R"({"added":["mes01"],"removed":[],)"
                                      R"("changed":[],"daemon":[]})"));
    const auto added = bullpenctl(home.home(), {"add", "mes01"});
    CHECK(added.code == 0);
    CHECK(contains(added.out, "mes01: started, running as pid 1"));
    const auto asked = daemon.asked();
    REQUIRE(asked.size() == 2);
    CHECK(asked[0].command == "reread");
    CHECK(asked[1].command == "update");
}

TEST_CASE("an edit is not applied when that would apply somebody else's as well") {
    const TemporaryHome home;
    const std::vector<std::string> others = {
        R"({"added":["mes01","x"],"removed":[],"changed":[],"daemon":[]})",
        R"({"added":["mes01"],"removed":["x"],"changed":[],"daemon":[]})",
        R"({"added":["mes01"],"removed":[],"changed":[{"account":"x"}],"daemon":[]})",
        R"({"added":["mes01"],"removed":[],"changed":[],"daemon":[{"key":"name"}]})"};
    for (const auto& diff : others) {
        std::filesystem::remove(paths_of(home, "mes01").roster_file);
        const FakeDaemon daemon(home.home(), {}, differing(diff));
        const auto added = bullpenctl(home.home(), {"add", "mes01", "--json"});
        CHECK(added.code == 0);
        CHECK(json::parse(added.out)["applied"] == "pending");
        CHECK(daemon.asked().size() == 1);
    }
}

TEST_CASE("enable and disable change one word of the file") {
    const TemporaryHome home;
    const std::string before = "# mine\nlabel = \"x\"  # keep\nenabled = true # yes\n";
    home.account(account_id("mes01"), before);
    CHECK(bullpenctl(home.home(), {"disable", "mes01"}).code == 0);
    const auto disabled = read_text(paths_of(home, "mes01").roster_file);
    CHECK(contains(disabled, "enabled = false # yes"));
    CHECK(contains(disabled, "# mine\nlabel = \"x\"  # keep\n"));
    CHECK(bullpenctl(home.home(), {"enable", "mes01"}).code == 0);
    CHECK(read_text(paths_of(home, "mes01").roster_file) == before);
    CHECK(bullpenctl(home.home(), {"enable", "nobody"}).code == 1);
}

TEST_CASE("config show tells each value and where it comes from") {
    const TemporaryHome home;
    home.settings("[defaults]\ngroup = \"futures\"\n");
    home.account(account_id("mes01"), "label = \"x\"\n");
    const auto shown = bullpenctl(home.home(), {"config", "show", "--origin", "mes01"});
    CHECK(shown.code == 0);
    CHECK(contains(shown.out, "accounts.d/mes01.toml:1"));
    CHECK(contains(shown.out, "bullpen.toml:2"));
    CHECK(contains(shown.out, "default"));
    const auto data = json::parse(bullpenctl(home.home(), {"config", "show", "-j", "mes01"}).out);
    CHECK(data["source"] == "files");
    CHECK(data["settings"].size() > 20);
    CHECK(bullpenctl(home.home(), {"config", "show"}).code == 0);
    CHECK(bullpenctl(home.home(), {"config", "show", "nobody"}).code == 1);
    CHECK(bullpenctl(home.home(), {"config", "edit"}).code == 64);
}

TEST_CASE("remove puts the file aside and keeps the data") {
    const TemporaryHome home;
    home.account(account_id("mes01"), "label = \"x\"\n");
    const auto paths = paths_of(home, "mes01");
    REQUIRE(make_directories(paths.directory, 0700));
    const auto removed = bullpenctl(home.home(), {"remove", "mes01"});
    CHECK(removed.code == 0);
    CHECK_FALSE(exists(paths.roster_file));
    CHECK(exists(paths.directory));
    const auto said = removed.out.find(home.path() + "/removed/");
    REQUIRE(said != std::string::npos);
    const auto aside = removed.out.substr(said, removed.out.find('\n', said) - said);
    CHECK(read_text(aside) == "label = \"x\"\n");
}

TEST_CASE("remove --purge asks, and without a terminal needs --yes") {
    const TemporaryHome home;
    home.account(account_id("mes01"), "");
    const auto paths = paths_of(home, "mes01");
    REQUIRE(make_directories(paths.directory, 0700));
    const auto asked = bullpenctl(home.home(), {"remove", "--purge", "mes01"});
    CHECK(asked.code == 1);
    CHECK(contains(asked.err, "nothing was done"));
    CHECK(exists(paths.roster_file));
    CHECK(bullpenctl(home.home(), {"remove", "--purge", "--yes", "mes01"}).code == 0);
    CHECK_FALSE(exists(paths.directory));
}

TEST_CASE("remove is refused while a position may be open") {
    const TemporaryHome home;
    home.account(account_id("mes01"), "");
    give_records(home, "mes01");
    CHECK(bullpenctl(home.home(), {"remove", "mes01"}).code == 1);
    CHECK(exists(paths_of(home, "mes01").roster_file));
    CHECK(bullpenctl(home.home(), {"remove", "--flat", "mes01"}).code == 0);
}

TEST_CASE("what a program of somebody else's has left open nobody knows, so remove is told") {
    const TemporaryHome home;
    REQUIRE(bullpenctl(home.home(), {"init"}).code == 0);
    home.account(account_id("bot"), "command = [\"/usr/bin/python3\", \"bot.py\"]\n");
    const auto paths = paths_of(home, "bot");
    REQUIRE(make_directories(home.home().locks(), 0700));
    ipc::LockFacts facts;
    facts.program = "/usr/bin/python3";
    facts.launch = "1.00112233445566778899aabbccddeeff";
    // It has run, and has left neither a state file nor a journal.
    CHECK(ipc::AccountLock::acquire(paths.lock, facts));
    const auto refused = bullpenctl(home.home(), {"remove", "bot"});
    CHECK(refused.code == 1);
    CHECK(contains(refused.out + refused.err, "--flat"));
    CHECK(exists(paths.roster_file));
    CHECK(bullpenctl(home.home(), {"remove", "--flat", "bot"}).code == 0);
    CHECK_FALSE(exists(paths.roster_file));
}

TEST_CASE("remove is refused while a process holds the lock") {
    const TemporaryHome home;
    home.account(account_id("mes01"), "");
    const auto lock = ipc::AccountLock::acquire(paths_of(home, "mes01").lock,
                                                ipc::facts_of_this_process(SystemClock()));
    REQUIRE(lock);
    const auto removed = bullpenctl(home.home(), {"remove", "mes01"});
    CHECK(removed.code == 1);
    CHECK(contains(removed.err, std::to_string(::getpid())));
    CHECK(exists(paths_of(home, "mes01").roster_file));
}

TEST_CASE("rename moves state, journal and files to the new name") {
    const TemporaryHome home;
    home.account(
        account_id("mes01"),
        "# The account mes01. As add writes it.\naccount = \"mes01\"\nlabel = \"x\" # keep\n");
    give_records(home, "mes01");
    write_text(paths_of(home, "mes01").secrets, "sealed");
    auto slot = slot_in("mes01", model::WorkerState::stopped, "operator_stop");
    slot.flat = 1;
    write_board(home.home(), dead_daemon(), {slot});
    const auto renamed = bullpenctl(home.home(), {"rename", "mes01", "joan"});
    CHECK_MESSAGE(renamed.code == 0, renamed.err);
    CHECK(contains(renamed.err, "sealed anew"));
    check_records(home, "joan");
    CHECK(read_text(paths_of(home, "joan").roster_file) ==
          "# The account joan. As add writes it.\naccount = \"joan\"\nlabel = \"x\" # keep\n");
    CHECK(read_text(paths_of(home, "joan").secrets) == "sealed");
    CHECK_FALSE(exists(paths_of(home, "mes01").roster_file));
    CHECK_FALSE(exists(paths_of(home, "mes01").directory));
    CHECK_FALSE(exists(paths_of(home, "mes01").secrets));
    // Two locks on two files of one name can never be.
    CHECK(exists(paths_of(home, "mes01").lock));
    CHECK(bullpenctl(home.home(), {"check"}).code == 0);
}

TEST_CASE("an account that never ran may be renamed, although its directories are made") {
    const TemporaryHome home;
    home.account(account_id("new"), "enabled = false\n");
    REQUIRE(make_directories(paths_of(home, "new").journal, 0700));
    const auto renamed = bullpenctl(home.home(), {"rename", "new", "newer"});
    CHECK_MESSAGE(renamed.code == 0, renamed.err);
    CHECK(exists(paths_of(home, "newer").roster_file));
    // A journal with something in it may have led to a position.
    write_text(paths_of(home, "newer").journal + "/1.journal", "x");
    CHECK(bullpenctl(home.home(), {"rename", "newer", "newest"}).code == 1);
}

TEST_CASE("rename is refused when it is not safe, and changes nothing then") {
    const TemporaryHome home;
    home.account(account_id("mes01"), "");
    home.account(account_id("taken"), "");
    give_records(home, "mes01");
    const auto refused = [&](std::vector<std::string> words, const std::string& why) {
        const auto outcome = bullpenctl(home.home(), std::move(words));
        CHECK(outcome.code == 1);
        CHECK_MESSAGE(contains(outcome.err, why), outcome.err);
        CHECK(exists(paths_of(home, "mes01").roster_file));
        CHECK(exists(paths_of(home, "mes01").state_file));
    };
    refused({"rename", "mes01", "joan"}, "may have an open position");
    refused({"rename", "--flat", "mes01", "taken"}, "is taken");
    refused({"rename", "nobody", "joan"}, "there is no");
    {
        const auto lock = ipc::AccountLock::acquire(paths_of(home, "mes01").lock,
                                                    ipc::facts_of_this_process(SystemClock()));
        REQUIRE(lock);
        refused({"rename", "--flat", "mes01", "joan"}, "still runs");
    }
    {
        auto slot = slot_in("mes01", model::WorkerState::backoff, "crashed");
        slot.wanted = 1;
        const FakeDaemon daemon(home.home(), {slot}, differing("{}"));
        refused({"rename", "--flat", "mes01", "joan"}, "is BACKOFF");
    }
    write_board(home.home(), dead_daemon(), {});
    CHECK(bullpenctl(home.home(), {"rename", "mes01", "mes01"}).code == 64);
    CHECK(bullpenctl(home.home(), {"rename", "--flat", "mes01", "joan"}).code == 0);
    check_records(home, "joan");
}

TEST_CASE("a rename that was cut short is finished by the same command") {
    // As a crash leaves it after each step: the file is parked; the state is rewritten; the
    // directory is moved.
    for (int steps = 1; steps <= 3; ++steps) {
        const TemporaryHome home;
        home.account(account_id("mes01"), "label = \"x\"\n");
        give_records(home, "mes01");
        const auto old_paths = paths_of(home, "mes01");
        std::filesystem::rename(old_paths.roster_file,
                                home.home().roster() + "/mes01.renaming-to-joan");
        storage::SystemFileSystem files;
        if (steps >= 2) {
            const auto parsed = storage::peek_state(files, old_paths.state_file);
            REQUIRE(parsed);
            write_text(old_paths.state_file,
                       storage::format_state(account_id("joan"), parsed->record));
        }
        if (steps >= 3)
            std::filesystem::rename(old_paths.directory, paths_of(home, "joan").directory);
        const auto finished = bullpenctl(home.home(), {"rename", "mes01", "joan"});
        CHECK_MESSAGE(finished.code == 0, finished.err);
        check_records(home, "joan");
        CHECK(read_text(paths_of(home, "joan").roster_file) == "label = \"x\"\n");
    }
}
