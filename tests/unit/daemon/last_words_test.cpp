#include "supervisor/daemon/last_words.hpp"

#include <doctest/doctest.h>

#include <csignal>

#include "common/model/reason.hpp"
#include "common/storage/file_system.hpp"
#include "common/storage/state_store.hpp"
#include "ipc/error_text.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::daemon {
namespace {

struct Fixture {
    test::TemporaryDirectory directory;
    Home home = Home::at(directory.path()).value();
    AccountId id = AccountId::parse("alpha").value();
    Account account{id};

    void leave(const std::string& launch, std::optional<storage::LastWords> words,
               const std::string& whose = "alpha") {
        storage::SystemFileSystem files;
        const auto path = home.account(id).state_file;
        REQUIRE(make_directories(home.account(id).directory, 0700));
        storage::StateRecord record;
        record.launch = launch;
        record.last_words = std::move(words);
        storage::StateStore store(files, path, AccountId::parse(whose).value());
        REQUIRE(store.save(record));
    }
    fleet::ExitStatus end() { return unseen_end(home, id, LaunchNumber{7}, &account); }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the last words of the launch are how it ended") {
    leave("7", storage::LastWords{78, "refused_configuration", "no such instrument"});
    CHECK(end() == fleet::ExitStatus::exited(78));
    CHECK(ipc::unstamped(account.last_error).text == "no such instrument");
    CHECK(unseen_end(home, id, LaunchNumber{7}, nullptr) == fleet::ExitStatus::exited(78));
}

TEST_CASE_FIXTURE(Fixture, "an orderly end is no error") {
    leave("7", storage::LastWords{0, "operator_stop", "SIGTERM"});
    CHECK(end() == fleet::ExitStatus::exited(0));
    CHECK(account.last_error.empty());
}

TEST_CASE_FIXTURE(Fixture, "without last words of this launch and account the end is unknown") {
    CHECK(end() == fleet::ExitStatus::lost());  // no state file
    leave("7", std::nullopt);
    CHECK(end() == fleet::ExitStatus::lost());
    leave("6", storage::LastWords{0, "operator_stop", "SIGTERM"});
    CHECK(end() == fleet::ExitStatus::lost());
    leave("", storage::LastWords{0, "operator_stop", "by hand"});
    CHECK(end() == fleet::ExitStatus::lost());
}

TEST_CASE_FIXTURE(Fixture, "what a program printed last stands for words that it did not say") {
    using fleet::ExitStatus;
    auto& launch = account.launch.emplace();
    const auto paths = home.account(id);
    REQUIRE(make_directories(paths.logs, 0700));
    const auto printed = [&](ExitStatus status) {
        return printed_last(home, account, status, "exit 1");
    };
    CHECK(printed(ExitStatus::exited(1)) == "it ended by itself and printed nothing: exit 1");
    // Of an adopted one nobody knows whether it failed, nor that it ended by itself.
    CHECK(printed(ExitStatus::lost()).empty());
    test::write_text(paths.stdio_log, "starting\nValueError: no token\n");
    for (const auto bad :
         {ExitStatus::exited(1), ExitStatus::signaled(SIGABRT), ExitStatus::lost()})
        CHECK(printed(bad) == "it printed last: ValueError: no token");
    // It ended well, or somebody ended it.
    for (const auto good :
         {ExitStatus::exited(0), ExitStatus::signaled(SIGTERM), ExitStatus::signaled(SIGKILL)})
        CHECK(printed(good).empty());
    // The daemon knows of this launch what was wrong.
    account.last_error = ipc::stamped("its memory is over the limit", launch.started);
    CHECK(printed(ExitStatus::exited(1)).empty());
    account.last_error =
        ipc::stamped("of the launch before", launch.started - Nanos(5'000'000'000));
    CHECK_FALSE(printed(ExitStatus::exited(1)).empty());
    launch.last_words = ipc::Goodbye{};
    CHECK(printed(ExitStatus::exited(1)).empty());
    launch.last_words.reset();
    launch.started = utc_from_nanos(4'000'000'000'000'000'000);  // long after it was written
    CHECK(printed(ExitStatus::exited(1)).find("printed nothing") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a death that nobody spoke of is told by its reason") {
    using fleet::ExitStatus;
    using model::Reason;
    auto& launch = account.launch.emplace();
    launch.number = LaunchNumber{7};
    fleet::AccountView before;
    before.launch = launch.number;
    auto after = before;
    const auto told = [&](Reason reason, ExitStatus status) {
        after.deaths = {{UtcTime{}, reason, status, LaunchNumber{7}, Nanos(0)}};
        return died_of(account, before, after);
    };
    CHECK(died_of(account, before, after).empty());
    account.last_error = ipc::stamped("the market is mute", launch.started);
    CHECK(told(Reason::killed_by_signal, ExitStatus::signaled(SIGKILL)) ==
          "a signal killed it: signal 9");
    CHECK(told(Reason::exited_unexpectedly, ExitStatus::lost()) ==
          "it ended although it should run: no exit status known");
    CHECK(told(Reason::start_timeout, ExitStatus::signaled(SIGTERM)) ==
          "it did not report ready within start_wait");
    // What it owed when it was condemned says more than how it ended then.
    before.detail = "overdue: bar_processed";
    CHECK(told(Reason::hung_obligation, ExitStatus::exited(0)) ==
          "work that was due is not done: overdue: bar_processed");
    // It spoke for itself, or the daemon said more when it saw it.
    CHECK(told(Reason::crashed, ExitStatus::exited(3)).empty());
    CHECK(told(Reason::memory_limit, ExitStatus::signaled(SIGTERM)).empty());
    account.last_error.clear();
    CHECK(told(Reason::memory_limit, ExitStatus::signaled(SIGTERM)) ==
          "it used more memory than its limit");
    // Of an earlier launch.
    after.deaths.back().launch = LaunchNumber{6};
    CHECK(died_of(account, before, after).empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "what an account leaves open is its worker's word, or what it held last") {
    account.holding.position = "long 2 MES";
    CHECK(account.stays(std::nullopt).empty());
    CHECK(account.stays(true).empty());
    CHECK(account.stays(false).starts_with("it held long 2 MES when it was heard of last; "));
    account.launch.emplace().last_words =
        ipc::Goodbye{0, "operator_stop", "", "long 2 MES, behind its stop at the broker"};
    CHECK(account.stays(false) == "it leaves long 2 MES, behind its stop at the broker");
    account.holding.position = "shadow: long 2";
    CHECK(account.stays(false).empty());
}

TEST_CASE_FIXTURE(Fixture, "a state file of another account says nothing of this one") {
    leave("7", storage::LastWords{0, "operator_stop", "SIGTERM"}, "beta");
    CHECK(end() == fleet::ExitStatus::lost());
}

}  // namespace bullpen::daemon
