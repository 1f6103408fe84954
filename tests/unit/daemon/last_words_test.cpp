#include "supervisor/daemon/last_words.hpp"

#include <doctest/doctest.h>

#include <csignal>

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

TEST_CASE_FIXTURE(Fixture, "a state file of another account says nothing of this one") {
    leave("7", storage::LastWords{0, "operator_stop", "SIGTERM"}, "beta");
    CHECK(end() == fleet::ExitStatus::lost());
}

}  // namespace bullpen::daemon
