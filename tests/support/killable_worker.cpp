// bullpen-worker as the daemon runs it, but that it kills itself at a named point of the order
// path. A line of the account's file `tmp/kill` says at which, and at which time it is reached:
// "after_submit 2". Each process takes the first line with it into its death.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "common/base/exit_code.hpp"
#include "worker/environment.hpp"
#include "worker/loop.hpp"
#include "worker/start.hpp"
#include "worker/worker.hpp"

namespace {

using namespace bullpen;          // NOLINT: the program is the namespace's own
using namespace bullpen::worker;  // NOLINT

class DeathByFile final : public execution::KillPoints {
  public:
    explicit DeathByFile(std::string path) : path_(std::move(path)) {
        std::ifstream file(path_);
        std::string name;
        if (file >> name >> left_)
            point_ = execution::kill_point_from(name);
        std::getline(file, name);
        rest_.assign(std::istreambuf_iterator<char>(file), {});
    }
    void reached(execution::KillPoint point) override {
        if (point != point_ || --left_ > 0)
            return;
        std::ofstream(path_, std::ios::trunc) << rest_ << std::flush;
        ::raise(SIGKILL);
    }

  private:
    std::string path_;
    std::optional<execution::KillPoint> point_;
    int left_ = 0;
    std::string rest_;
};

int complain(ExitCode code, const std::string& sentence) {
    std::fprintf(stderr, "killable worker: %s\n", sentence.c_str());
    return value(code);
}

}  // namespace

int main() {
    ::umask(0077);
    auto signals = SignalQueue::open();
    const auto environment = launch_environment();
    if (!signals || !environment || !*environment)
        return complain(ExitCode::usage, "it is launched by bullpend");
    const SystemClock clock;
    storage::SystemFileSystem files;
    auto start = start_launched(**environment, files, clock);
    if (const auto* refused = std::get_if<NotStarted>(&start))
        return complain(refused->code, refused->error.message());
    auto& context = *std::get<Started>(start).context;
    ipc::Context messaging;
    auto link = LeaseLink::connect(context, messaging, (*environment)->endpoint);
    if (!link)
        return complain(ExitCode::temporary, link.error().message());
    DeathByFile death(context.paths().tmp + "/kill");
    WorkerOptions options;
    options.kill_points = &death;
    Worker worker(context, std::move(*link), options);
    while (!worker.closed()) {
        while (const auto signal = signals->take()) {
            if (*signal != SIGHUP)
                worker.request_drain(model::Reason::operator_stop, "told to end");
        }
        const auto until = worker.turn();
        if (!worker.closed())
            wait(worker.fds(), *signals, until, clock);
    }
    return value(worker.ending().code);
}
