#include "supervisor/process/launch_record.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <vector>

#include "common/process/process_facts.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::process {
namespace {

// What a test compares: everything recorded of one account.
std::string summary(const std::map<AccountId, RecordedAccount>& accounts) {
    std::string text;
    for (const auto& [account, recorded] : accounts) {
        // An account of which nothing is known is none.
        if (!recorded.launch && recorded.saved.empty())
            continue;
        text += account.str();
        if (recorded.launch) {
            text += " " + std::to_string(recorded.launch->launch.value) + " " +
                    std::to_string(recorded.launch->pid) + (recorded.launch->ended ? " ended" : "");
        }
        text += " [" + recorded.saved + "]\n";
    }
    return text;
}

void change(LaunchRecord& record, std::uint64_t number) {
    const AccountId account =
        test::account_id(std::string("a") + static_cast<char>('0' + *rc::gen::inRange(0, 3)));
    RecordedLaunch launch;
    launch.launch = {number};
    launch.utc = utc_from_nanos(1'795'000'000'000'000'000);
    const auto known = record.accounts().find(account);
    const LaunchNumber current = known != record.accounts().end() && known->second.launch
                                     ? known->second.launch->launch
                                     : LaunchNumber{1};
    switch (*rc::gen::inRange(0, 5)) {
        case 0: RC_ASSERT(record.launching(account, launch).has_value()); break;
        case 1: RC_ASSERT(record.launched(account, current, 77, number).has_value()); break;
        case 2: RC_ASSERT(record.ended(account, current, "exit 1").has_value()); break;
        case 3: {
            const auto bytes = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
            RC_ASSERT(record.save(account, bytes).has_value());
            break;
        }
        default: RC_ASSERT(record.forget(account).has_value()); break;
    }
}

TEST_CASE("a daemon killed at any byte of its record leaves what it had recorded up to there") {
    CHECK(rc::check("the record cut off anywhere is the record at some step", [] {
        const test::TemporaryDirectory directory;
        const std::string path = directory.file("launches");
        std::vector<std::string> steps;
        std::vector<std::size_t> sizes;
        {
            auto record = *LaunchRecord::open(path);
            const auto count = *rc::gen::inRange<std::uint64_t>(1, 15);
            steps.push_back(summary(record.accounts()));
            sizes.push_back(test::read_text(path).size());
            for (std::uint64_t number = 1; number <= count; ++number) {
                change(record, number);
                steps.push_back(summary(record.accounts()));
                sizes.push_back(test::read_text(path).size());
            }
        }
        const std::string whole = test::read_text(path);
        const auto cut = *rc::gen::inRange<std::size_t>(sizes.front(), whole.size() + 1);
        test::write_text(path, whole.substr(0, cut));
        std::size_t step = 0;
        // A line is whole without its newline too.
        while (step + 1 < sizes.size() && sizes[step + 1] <= cut + 1)
            ++step;
        RC_ASSERT(summary(LaunchRecord::open(path)->accounts()) == steps[step]);
        RC_ASSERT(summary(LaunchRecord::open(path)->accounts()) == steps[step]);
    }));
}

TEST_CASE("any bytes are refused or read as a process, never worse") {
    CHECK(rc::check("what parse_stat accepts has a pid", [](const std::string& text) {
        if (const auto stat = parse_stat(text))
            RC_ASSERT(stat->pid > 0);
    }));
    CHECK(rc::check("a program's name changes nothing", [](std::string name) {
        std::erase(name, '\0');
        const auto stat =
            parse_stat("7 (" + name + ") R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20");
        RC_ASSERT(stat.has_value());
        RC_ASSERT(stat->pid == 7);
        RC_ASSERT(stat->parent == 1);
        RC_ASSERT(stat->start_time == 4711U);
    }));
}

}  // namespace
}  // namespace bullpen::process
