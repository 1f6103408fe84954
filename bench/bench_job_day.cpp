// A day's jobs of 50 accounts that trade shares, all at the same minute of the market: each buys
// five shares after its signal file and protects them, moves the stops, compares its books with the
// exchange's, and writes its summary, one job after the other. Real daemon, workers, exchange and
// files; a minute of the market is a second. From the first job that began to the last one that
// ended, by the workers' logs.
//
// The floor is the same with one account: most of it is the broker's prices once a second.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>

#include "bench/support/command_line.hpp"
#include "bench/support/fleet_home.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"
#include "tests/support/wait.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::bench;

constexpr int k_accounts = 50;
constexpr int k_shares = 5;
constexpr std::chrono::seconds k_deadline{300};
constexpr const char* k_last_job = "daily_summary";
constexpr std::array k_jobs = {"place_orders_daily", "update_cnc_stoploss", "sync", k_last_job};

constexpr const char* k_account =
    "trading = \"shares\"\n"
    "[jobs.place_orders_daily]\nschedule = \"open + 10 min\"\nfill_wait = \"30 min\"\nlate_max = "
    "\"2 h\"\n"
    "[jobs.update_cnc_stoploss]\nschedule = \"after place_orders_daily\"\nlate_max = \"2 h\"\n"
    "[jobs.sync]\nschedule = \"after update_cnc_stoploss\"\nlate_max = \"2 h\"\n"
    "[jobs.daily_summary]\nschedule = \"after sync\"\nlate_max = \"2 h\"\n";
constexpr const char* k_venue =
    "[shares]\nfirst_day = \"2026-07-06\"\nspeed = 60\ncash = \"1000000\"\n";

void write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
    ::chmod(path.c_str(), 0600);
}

std::string signals() {
    std::string text = "Ticker,Entry_Price,Stop_Loss,Target1\n";
    for (int i = 0; i < k_shares; ++i)
        text += "S" + std::string(1, static_cast<char>('A' + i)) + ",4000,30,9000\n";
    return text;
}

// What stands behind "key":" in a line; empty when it has none.
std::string field(const std::string& line, const std::string& key) {
    const auto mark = "\"" + key + "\":\"";
    const auto begin = line.find(mark);
    if (begin == std::string::npos)
        return {};
    const auto from = begin + mark.size();
    return line.substr(from, line.find('"', from) - from);
}

struct Day {
    std::optional<UtcTime> began;
    std::optional<UtcTime> ended;
    std::size_t succeeded = 0;
};

Day day_of(const std::string& log) {
    Day day;
    std::ifstream file(log);
    for (std::string line; std::getline(file, line);) {
        const auto event = field(line, "event");
        const auto at = parse_utc(field(line, "ts"));
        if (!at)
            continue;
        if (event == "job_begun" && !day.began)
            day.began = *at;
        if (event != "job_ended")
            continue;
        require(field(line, "outcome") == "succeeded", "each job succeeded: " + line);
        ++day.succeeded;
        if (field(line, "job") == k_last_job)
            day.ended = *at;
    }
    return day;
}

// Seconds of wall time.
double jobs_of(int accounts) {
    FleetHome fleet(accounts, "", k_account);
    write(fleet.home().root() + "/venue.toml", k_venue);
    std::vector<std::string> logs;
    for (const auto& entry : std::filesystem::directory_iterator(fleet.home().roster())) {
        const auto id = AccountId::parse(entry.path().stem().string());
        const auto paths = fleet.home().account(id.value());
        std::filesystem::create_directories(paths.directory + "/inbox");
        std::filesystem::permissions(paths.directory, std::filesystem::perms::owner_all);
        write(paths.directory + "/inbox/signals.csv", signals());
        logs.push_back(paths.worker_log);
    }
    require(logs.size() == static_cast<std::size_t>(accounts), "each account has a log");
    fleet.start_daemon();
    fleet.wait_until_running();
    std::vector<Day> days;
    const bool all = test::eventually(
        [&] {
            days.clear();
            for (const auto& log : logs)
                days.push_back(day_of(log));
            return std::all_of(days.begin(), days.end(),
                               [](const Day& day) { return day.ended.has_value(); });
        },
        k_deadline);
    require(all, "each account has done its day's jobs");
    auto began = *days.front().began;
    auto ended = *days.front().ended;
    for (const auto& day : days) {
        require(day.succeeded >= k_jobs.size(), "each of the jobs was run");
        began = std::min(began, *day.began);
        ended = std::max(ended, *day.ended);
    }
    return std::chrono::duration<double>(ended - began).count();
}

}  // namespace

int main(int argc, char** argv) try {
    for (const int accounts : sizes(argc, argv, {k_accounts})) {
        const auto alone = jobs_of(1);
        const auto all = jobs_of(accounts);
        JsonLine("job_day")
            .add("n", accounts)
            .add("s", all)
            .add("floor_s", alone)
            .add("ratio", all / alone)
            .print();
    }
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
