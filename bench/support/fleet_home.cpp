#include "bench/support/fleet_home.hpp"

#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bench/support/command_line.hpp"
#include "bench/support/process.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/wait.hpp"

namespace bullpen::bench {

namespace {

constexpr std::chrono::seconds k_deadline{120};

AccountId name_of(int number) {
    char text[16];
    std::snprintf(text, sizeof text, "a%04d", number);
    return test::account_id(text);
}

// Whether the process was given exactly this word of an environment.
bool started_with(int pid, const std::string& word) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/environ", std::ios::binary);
    std::string one;
    while (std::getline(file, one, '\0')) {
        if (one == word)
            return true;
    }
    return false;
}

}  // namespace

FleetHome::FleetHome(int accounts, const std::string& toml, const std::string& own)
    : accounts_(accounts) {
    home_.settings(
        "host_lock_dir = \"" + directory_.file("locks") +
        "\"\naccounts_max = 2000\nstorm_deaths_max = 0\n\n[defaults]\nstarted_after = \"0 s\"\n" +
        toml);
    for (int i = 0; i < accounts; ++i)
        home_.account(name_of(i), own);
}

FleetHome::~FleetHome() {
    try {
        if (daemon_ > 0)
            stop_daemon();
    } catch (const Unmeasured& why) {
        give_up(why);
    }
    kill_leftovers();
}

std::int64_t FleetHome::start_daemon() {
    const std::string program = built("bullpend");
    const std::int64_t before = mono_ns();
    daemon_ = spawn({program, "--home", home().root()}, file("bullpend.out"),
                    {{"PATH", "/usr/bin:/bin"}});
    return before;
}

void FleetHome::stop_daemon() {
    ::kill(daemon_, SIGTERM);
    wait_for(daemon_, k_deadline);
    daemon_ = -1;
}

void FleetHome::kill_daemon() {
    ::kill(daemon_, SIGKILL);
    wait_for(daemon_);
    daemon_ = -1;
}

ipc::Board FleetHome::board() const {
    auto board = ipc::BoardReader::read(home().board());
    return board ? std::move(*board) : ipc::Board();
}

void FleetHome::wait_for_all(const std::function<bool(const ipc::BoardSlot&)>& condition,
                             const std::string& what) {
    const bool there = test::eventually(
        [&] {
            const auto seen = board();
            const auto accounts =
                std::count_if(seen.slots.begin(), seen.slots.end(),
                              [](const ipc::BoardSlot& slot) { return slot.service == 0; });
            return seen.daemon.pid == daemon_ && accounts == accounts_ &&
                   std::all_of(seen.slots.begin(), seen.slots.end(),
                               [&](const ipc::BoardSlot& slot) {
                                   return slot.service != 0 || condition(slot);
                               });
        },
        k_deadline);
    if (!there)
        std::fprintf(stderr, "%s\n", test::read_text(file("bullpend.out")).c_str());
    require(there, "not every account is " + what);
}

void FleetHome::wait_until_running() {
    wait_for_all(
        [](const ipc::BoardSlot& slot) { return slot.state == model::WorkerState::running; },
        "running");
}

int FleetHome::ctl(const std::vector<std::string>& arguments) const {
    std::vector<std::string> argv = {built("bullpenctl"), "--home", home().root()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return wait_for(spawn(argv, file("ctl.out"), {{"PATH", "/usr/bin:/bin"}}), k_deadline);
}

// A daemon that failed to stop may leave workers; they are found by the board, each in a session of
// its own.
void FleetHome::kill_leftovers() const {
    const std::string mark = "BULLPEN_HOME=" + home_.home().root();
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", code)) {
        const int pid = std::atoi(entry.path().filename().c_str());
        if (pid > 1 && started_with(pid, mark))
            ::kill(pid, SIGKILL);
    }
}

std::string stamping(const std::string& file) {
    return "command = [\"" + built("bullpen-puppet") + "\", \"stamp\", \"" + file +
           "\"]\nrestart.stable_after = \"1 s\"\nrestart.budget = 100000\n";
}

std::string reaching(const std::string& file) {
    return "write_paths = [\"" + std::filesystem::path(file).parent_path().string() + "\"]\n";
}

std::string built(const std::string& program) {
    std::string path = test::program(program);
    require(!path.empty(), program + " has not been built");
    return path;
}

}  // namespace bullpen::bench
