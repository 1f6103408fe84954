// The lock within one process; with several processes: tests/integration/ipc.
#include "ipc/account_lock.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <set>

#include "common/base/errc.hpp"
#include "ipc/identity.hpp"
#include "ipc/lock_facts.hpp"
#include "ipc/lock_files.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::ipc;

namespace {

LockFacts sample_facts() {
    LockFacts facts;
    facts.pid = 4711;
    facts.start_time = 123456;
    facts.boot_id = "00112233-4455-6677-8899-aabbccddeeff";
    facts.host = "alpha";
    facts.home = "/var/lib/bullpen";
    facts.account = "mes01";
    facts.broker_user = mask_user("john.smith@example.com");
    facts.launch = "17.00112233445566778899aabbccddeeff";
    facts.fence = 1042;
    facts.program = "bullpen-worker";
    facts.version = "0.1.0";
    facts.utc = parse_utc("2026-11-20T23:14:05.123Z").value();
    return facts;
}

mode_t mode_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

}  // namespace

TEST_SUITE("critical") {
    TEST_CASE("a second description cannot take the lock and is told who holds it") {
        const test::TemporaryDirectory directory;
        const std::string path = directory.file("account_mes01.lock");
        const auto first = AccountLock::acquire(path, sample_facts());
        REQUIRE(first);
        const auto second = AccountLock::acquire(path, LockFacts{});
        REQUIRE_FALSE(second);
        CHECK(second.error().code() == Errc::locked);
        CHECK(second.error().context() ==
              path +
                  " is held by pid 4711 (bullpen-worker 0.1.0) since 2026-11-20T23:14:05.123Z on "
                  "host alpha, account mes01, broker user jo***, launch 17, home /var/lib/bullpen");
        CHECK(AccountLock::read_facts(path).value() == sample_facts());
    }

    TEST_CASE("a lock whose file was removed or replaced knows that it keeps nobody out") {
        const test::TemporaryDirectory directory;
        const std::string path = directory.file("lock");
        const auto lock = AccountLock::acquire(path, sample_facts()).value();
        CHECK(lock.holds_its_file());
        REQUIRE(std::filesystem::remove(path));
        CHECK_FALSE(lock.holds_its_file());
        const auto other = AccountLock::acquire(path, sample_facts());
        REQUIRE(other);
        CHECK(other->holds_its_file());
        CHECK_FALSE(lock.holds_its_file());
    }

    TEST_CASE("the lock is free when the last descriptor is closed, and the file stays") {
        const test::TemporaryDirectory directory;
        const std::string path = directory.file("lock");
        CHECK(AccountLock::probe(path).value() == LockProbe::free);
        {
            const auto lock = AccountLock::acquire(path, sample_facts()).value();
            CHECK(AccountLock::probe(path).value() == LockProbe::held);
            const Descriptor copy(::fcntl(lock.fd(), F_DUPFD_CLOEXEC, 0));
            CHECK(AccountLock::probe(path).value() == LockProbe::held);
        }
        CHECK(AccountLock::probe(path).value() == LockProbe::free);
        CHECK(std::filesystem::exists(path));
        CHECK(AccountLock::acquire(path, sample_facts()).has_value());
    }

    TEST_CASE("opening and closing the file elsewhere in the process does not drop the lock") {
        const test::TemporaryDirectory directory;
        const std::string path = directory.file("lock");
        const auto lock = AccountLock::acquire(path, sample_facts()).value();
        { const auto other = open_file(path, O_RDWR); }
        { const auto other = test::read_text(path); }
        CHECK(AccountLock::probe(path).value() == LockProbe::held);
        CHECK_FALSE(AccountLock::acquire(path, sample_facts()));
    }

    TEST_CASE("closing a copy does not release what another copy holds") {
        const test::TemporaryDirectory directory;
        const std::string path = directory.file("lock");
        auto lock = AccountLock::acquire(path, sample_facts()).value();
        const Descriptor copy(::fcntl(lock.fd(), F_DUPFD_CLOEXEC, 0));
        { const AccountLock gone = std::move(lock); }
        CHECK(AccountLock::probe(path).value() == LockProbe::held);
    }

    TEST_CASE("an inherited descriptor is adopted only with proof") {
        const test::TemporaryDirectory directory;
        const std::string path = directory.file("lock");
        const std::string other_path = directory.file("other");
        auto lock = AccountLock::acquire(path, sample_facts()).value();
        const auto other = AccountLock::acquire(other_path, sample_facts()).value();

        const auto wrong_file = AccountLock::adopt_inherited(other.fd(), path);
        REQUIRE_FALSE(wrong_file);
        CHECK(wrong_file.error().code() == Errc::invalid);
        CHECK(wrong_file.error().context().find("is not open on " + path) != std::string::npos);

        const Descriptor stranger(::open(path.c_str(), O_RDWR | O_CLOEXEC));
        const auto not_holding = AccountLock::adopt_inherited(stranger.get(), path);
        REQUIRE_FALSE(not_holding);
        CHECK(not_holding.error().code() == Errc::locked);

        CHECK_FALSE(AccountLock::adopt_inherited(9999, path));

        Descriptor copy(::fcntl(lock.fd(), F_DUPFD_CLOEXEC, 0));
        const auto adopted = AccountLock::adopt_inherited(copy.get(), path);
        REQUIRE(adopted);
        CHECK(copy.release() == adopted->fd());
        { const AccountLock gone = std::move(lock); }
        CHECK(AccountLock::probe(path).value() == LockProbe::held);
    }

    TEST_CASE("a descriptor of a file that nobody holds is not adopted") {
        const test::TemporaryDirectory directory;
        const std::string path = directory.file("lock");
        { const auto lock = AccountLock::acquire(path, sample_facts()).value(); }
        const Descriptor stranger(::open(path.c_str(), O_RDWR | O_CLOEXEC));
        const auto adopted = AccountLock::adopt_inherited(stranger.get(), path);
        REQUIRE_FALSE(adopted);
        CHECK(adopted.error().context().find("does not hold its lock") != std::string::npos);
        CHECK(AccountLock::probe(path).value() == LockProbe::free);
    }

    TEST_CASE("a lock file that was deleted and made again by a person is not adopted") {
        const test::TemporaryDirectory directory;
        const std::string path = directory.file("lock");
        const auto lock = AccountLock::acquire(path, sample_facts()).value();
        std::filesystem::remove(path);
        const auto second = AccountLock::acquire(path, sample_facts()).value();
        CHECK_FALSE(AccountLock::adopt_inherited(lock.fd(), path));
    }

    TEST_CASE("a lock is taken again for who runs when nobody holds it, or its file is gone") {
        const test::TemporaryDirectory directory;
        const std::string path = directory.file("lock");
        auto facts = facts_of_this_process(SystemClock());
        facts.account = "mes01";
        std::optional<AccountLock> lock;
        CHECK(AccountLock::take_if_free(lock, path, facts).value());
        REQUIRE(lock);
        CHECK(AccountLock::read_facts(path)->pid == facts.pid);
        // Held for that very process.
        CHECK_FALSE(AccountLock::take_if_free(lock, path, facts).value());
        const auto before = lock_files_changed(directory.path());
        std::filesystem::remove(path);
        CHECK(AccountLock::take_if_free(lock, path, facts).value());
        CHECK(AccountLock::probe(path).value() == LockProbe::held);
        CHECK(lock->holds_its_file());
        CHECK(before);
        CHECK_FALSE(lock_files_changed(directory.file("nowhere")));
        // Another that lives has it.
        auto other = facts;
        other.pid = 1;
        other.start_time = 0;
        std::optional<AccountLock> second;
        // A program that it started itself.
        CHECK_FALSE(AccountLock::take_if_free(second, path, other).value());
        other.launch = "18.00";
        const auto refused = AccountLock::take_if_free(second, path, other);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code() == Errc::locked);
        CHECK_FALSE(second);

        const BrokerAccountKey key{"paper", "joan", "PA-1"};
        std::optional<BrokerAccountLock> broker;
        CHECK(BrokerAccountLock::take_if_free(broker, directory.path(), key, facts).value());
        CHECK_FALSE(BrokerAccountLock::take_if_free(broker, directory.path(), key, facts).value());
        const auto named = short_holder_text(
            BrokerAccountLock::read_facts(BrokerAccountLock::path_for(directory.path(), key)));
        CHECK(named.find("held by pid " + std::to_string(facts.pid) + ", account mes01 of ") == 0);
    }
}

TEST_CASE("a new lock file is closed to others, whatever the umask") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("lock");
    const auto lock = AccountLock::acquire(path, sample_facts()).value();
    CHECK(mode_of(path) == 0600);
    CHECK((::fcntl(lock.fd(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("the facts of the last holder say whether its end was clean") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("lock");
    CHECK_FALSE(AccountLock::read_facts(path));
    { const auto lock = AccountLock::acquire(path, sample_facts()).value(); }
    CHECK_FALSE(AccountLock::read_facts(path).value().ended);
    {
        auto lock = AccountLock::acquire(path, sample_facts()).value();
        CHECK(lock.mark_ended(sample_facts().utc));
        CHECK(AccountLock::probe(path).value() == LockProbe::held);
    }
    CHECK(AccountLock::read_facts(path).value().ended == sample_facts().utc);
}

TEST_CASE("a file with any content can be locked, and is described honestly") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("lock");
    for (const std::string& content :
         {std::string("garbage"), std::string("{}"), std::string("4711\n"),
          std::string(100'000, 'x'), std::string(k_lock_line_size, '\0'),
          encode_facts(sample_facts()).substr(0, 100), encode_facts(sample_facts()) + "more"}) {
        test::write_text(path, content);
        const auto facts = AccountLock::read_facts(path);
        REQUIRE_FALSE(facts);
        CHECK(facts.error().code() == Errc::corrupt);
        const Descriptor holder(::open(path.c_str(), O_RDWR | O_CLOEXEC));
        struct flock range {};
        range.l_type = F_WRLCK;
        REQUIRE(::fcntl(holder.get(), F_OFD_SETLK, &range) == 0);
        const auto refused = AccountLock::acquire(path, sample_facts());
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code() == Errc::locked);
        CHECK(refused.error().context().find(
                  "held by a process that cannot be named (the content of " + path +
                  " cannot be used: ") != std::string::npos);
        range.l_type = F_UNLCK;
        REQUIRE(::fcntl(holder.get(), F_OFD_SETLK, &range) == 0);
        const auto lock = AccountLock::acquire(path, sample_facts());
        REQUIRE(lock);
        CHECK(AccountLock::read_facts(path).value() == sample_facts());
    }
    test::write_text(path, "");
    CHECK(AccountLock::read_facts(path).error().code() == Errc::not_found);
    CHECK(AccountLock::read_facts(directory.file("none")).error().code() == Errc::not_found);
}

TEST_CASE("a directory that cannot be written gives a clear sentence") {
    const test::TemporaryDirectory directory;
    const auto missing = AccountLock::acquire(directory.file("none/lock"), sample_facts());
    REQUIRE_FALSE(missing);
    CHECK(missing.error().message() == "the lock cannot be taken: cannot open " +
                                           directory.file("none/lock") +
                                           ": No such file or directory");
    // procfs refuses new files to everybody, root included.
    const auto refused = AccountLock::acquire("/proc/self/lock", sample_facts());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message().find("the lock cannot be taken: cannot open /proc/self/lock") ==
          0);
}

TEST_CASE("links and things that are no plain files are not locked") {
    const test::TemporaryDirectory directory;
    const std::string target = directory.file("target");
    test::write_text(target, "precious");
    std::filesystem::create_symlink(target, directory.file("soft"));
    const auto soft = AccountLock::acquire(directory.file("soft"), sample_facts());
    REQUIRE_FALSE(soft);
    CHECK(soft.error().message().find("symbolic link") != std::string::npos);
    CHECK_FALSE(AccountLock::read_facts(directory.file("soft")));
    std::filesystem::create_hard_link(target, directory.file("hard"));
    const auto hard = AccountLock::acquire(directory.file("hard"), sample_facts());
    REQUIRE_FALSE(hard);
    CHECK(hard.error().message().find("has 2 names") != std::string::npos);
    REQUIRE(::mkfifo(directory.file("pipe").c_str(), 0600) == 0);
    const auto pipe = AccountLock::acquire(directory.file("pipe"), sample_facts());
    REQUIRE_FALSE(pipe);
    CHECK(pipe.error().message().find("not a plain file") != std::string::npos);
    CHECK_FALSE(AccountLock::acquire(directory.path(), sample_facts()));
    CHECK(test::read_text(target) == "precious");
}

TEST_CASE("the child's pid goes into the facts and nothing else changes") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.file("lock");
    LockFacts facts = sample_facts();
    facts.pid = 0;
    const auto lock = AccountLock::acquire(path, facts).value();
    for (const pid_t pid : {1, 4711, 4194304, 2147483647}) {
        CHECK(write_pid_async_signal_safe(lock.fd(), pid));
        facts.pid = pid;
        CHECK(AccountLock::read_facts(path).value() == facts);
    }
    CHECK_FALSE(write_pid_async_signal_safe(-1, 1));
}

TEST_CASE("the line of facts always has one length and is JSON that any program can read") {
    LockFacts facts = sample_facts();
    CHECK(encode_facts(facts).size() == k_lock_line_size);
    CHECK(encode_facts(facts).back() == '\n');
    CHECK(encode_facts(facts).find('\n') == k_lock_line_size - 1);
    const std::string huge(10'000, '"');
    facts.boot_id = facts.host = facts.home = facts.account = facts.broker_user = facts.launch =
        facts.program = facts.version = huge;
    facts.start_time = facts.fence = INT64_MAX;
    facts.ended = facts.utc;
    const std::string line = encode_facts(facts);
    CHECK(line.size() == k_lock_line_size);
    const auto decoded = decode_facts(line);
    REQUIRE(decoded);
    CHECK(decoded->whole);
}

TEST_CASE("a process that was put in later stands where none was, and over no other") {
    LockFacts facts = sample_facts();
    const auto with = [&](pid_t pid, std::uint64_t start_time) {
        std::string line = encode_facts(facts);
        format_number(static_cast<std::uint64_t>(pid), line.data() + k_pid_offset, k_pid_width);
        format_number(start_time, line.data() + k_start_offset, k_start_width);
        return decode_facts(line);
    };
    facts.pid = 4711;
    facts.start_time = 99;
    CHECK(with(4711, 99)->whole);
    CHECK_FALSE(with(4712, 99));
    CHECK_FALSE(with(4711, 98));
    CHECK_FALSE(with(0, 0));
    facts.pid = 0;
    facts.start_time = 0;
    CHECK(with(0, 0)->whole);
    // The child says its pid, and its daemon when it was started.
    for (const std::uint64_t start_time : {0, 123456}) {
        const auto filled = with(4712, start_time);
        REQUIRE(filled);
        CHECK_FALSE(filled->whole);
        CHECK(filled->facts.pid == 4712);
        CHECK(filled->facts.start_time == start_time);
    }
}

TEST_CASE("a changed byte of the facts is noticed") {
    const std::string line = encode_facts(sample_facts());
    const auto end = line.find("\",\"check\"");
    for (std::size_t i = k_pid_offset; i < end; ++i) {
        std::string torn = line;
        torn[i] = torn[i] == 'x' ? 'y' : 'x';
        CHECK_FALSE(decode_facts(torn));
    }
}

TEST_CASE("a holder that is gone is said to be gone") {
    LockFacts facts = facts_of_this_process(SystemClock());
    CHECK(holder_text(facts).find("has ended") == std::string::npos);
    facts.start_time += 1;
    CHECK(holder_text(facts).find("that process has ended, and one that it started still holds") !=
          std::string::npos);
    facts.host = "elsewhere";
    CHECK(holder_text(facts).find("has ended") == std::string::npos);
    facts.pid = 0;
    CHECK(holder_text(facts).find("held by a process that is being started since") == 0);
}

TEST_CASE("a masked user shows its owner, and nobody else, who it is") {
    CHECK(mask_user("john.smith@example.com") == "jo***");
    CHECK(mask_user("abcde") == "ab***");
    CHECK(mask_user("abcd") == "***");
    CHECK(mask_user("a") == "***");
    CHECK(mask_user("").empty());
}

TEST_SUITE("critical") {
    TEST_CASE("two homes cannot act for one broker account") {
        const test::TemporaryDirectory directory;
        const std::string locks = directory.file("run/lock/bullpen");
        const BrokerAccountKey key{"paper", "john.smith@example.com", "DU12345"};
        const auto first = BrokerAccountLock::acquire(locks, key, sample_facts());
        REQUIRE(first);
        const auto second = BrokerAccountLock::acquire(locks, key, sample_facts());
        REQUIRE_FALSE(second);
        CHECK(second.error().code() == Errc::locked);
        CHECK(second.error().context().find("account mes01, broker user jo***") !=
              std::string::npos);
        CHECK(BrokerAccountLock::probe(first->path()).value() == LockProbe::held);
        CHECK(mode_of(locks) == 01777);
        CHECK(mode_of(first->path()) == 0666);
    }
}

TEST_CASE("the host-wide file shows neither login nor nonce to other users") {
    const test::TemporaryDirectory directory;
    const BrokerAccountKey key{"paper", "john.smith@example.com", "DU12345"};
    auto lock = BrokerAccountLock::acquire(directory.file("locks"), key, sample_facts()).value();
    for (int i = 0; i < 2; ++i) {
        const std::string content = test::read_text(lock.path());
        CHECK(content.find("00112233445566778899aabbccddeeff") == std::string::npos);
        CHECK(content.find("smith") == std::string::npos);
        CHECK(lock.path().find("smith") == std::string::npos);
        CHECK(lock.path().find("DU12345") == std::string::npos);
        CHECK(BrokerAccountLock::read_facts(lock.path()).value().launch == "17");
        CHECK(lock.rewrite(sample_facts()));
    }
}

TEST_CASE("different broker accounts have different files, however their parts are cut") {
    std::set<std::string> paths;
    for (const auto& key : std::vector<BrokerAccountKey>{{"a", "b", "c"},
                                                         {"ab", "", "c"},
                                                         {"a", "bc", ""},
                                                         {"", "ab", "c"},
                                                         {"a:1", "b", "c"},
                                                         {"a", "1:b", "c"},
                                                         {"A", "b", "c"}})
        paths.insert(BrokerAccountLock::path_for("/d", key));
    CHECK(paths.size() == 7);
    // The name is part of what two versions of the program must agree on.
    CHECK(BrokerAccountLock::path_for("/d", {"paper", "login", "account"}) ==
          "/d/broker_eadb4bf7376c98b803fdafd6edac22b0.lock");
}

TEST_CASE("identities: this process lives, a zombie and a stranger do not") {
    const auto start = start_time_of(::getpid());
    REQUIRE(start);
    CHECK(process_alive(::getpid(), *start, boot_id()));
    CHECK_FALSE(process_alive(::getpid(), *start + 1, boot_id()));
    CHECK_FALSE(process_alive(::getpid(), *start, "another boot"));
    CHECK_FALSE(process_alive(0, 0, ""));
    CHECK(start_time_of(2147483647).error().code() == Errc::not_found);
    CHECK(boot_id().size() == 36);
}
