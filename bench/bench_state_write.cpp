// A durable write of an account's state (4 KiB of data): checksum, write, fsync, rename, fsync of
// the directory, the one before kept; against the same system calls with nothing around them.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "bench/support/command_line.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"
#include "common/base/descriptor.hpp"
#include "common/storage/file_system.hpp"
#include "common/storage/state_store.hpp"
#include "tests/support/temporary.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::bench;

constexpr int k_rounds = 300;
constexpr std::size_t k_data_size = 4096;

double floor_once(const std::string& directory, const std::string& text) {
    const std::string fresh = directory + "/floor.new";
    const std::string path = directory + "/floor";
    const std::string previous = directory + "/floor.previous";
    const auto begin = mono_ns();
    auto file = open_file(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    require(file && write_all(file->get(), text) && ::fsync(file->get()) == 0, "wrote the floor");
    file->reset();
    ::unlink(previous.c_str());
    const bool kept = ::link(path.c_str(), previous.c_str()) == 0;
    require(kept || ::access(path.c_str(), F_OK) != 0, "kept the one before");
    require(::rename(fresh.c_str(), path.c_str()) == 0, "renamed the floor");
    const auto folder = open_directory(directory);
    require(folder && ::fsync(folder->get()) == 0, "synced the folder");
    return ms(mono_ns() - begin);
}

}  // namespace

int main(int argc, char**) try {
    require(argc == 1, "it takes no arguments");
    const test::TemporaryDirectory directory;
    storage::SystemFileSystem files;
    storage::StateStore store(files, directory.file("state.json"), test::account_id("bench"));
    storage::StateRecord record;
    record.data = "{\"values\":\"" + std::string(k_data_size, 'x') + "\"}";
    std::vector<double> ours;
    std::vector<double> floors;
    for (int round = 0; round < k_rounds; ++round) {
        ++record.journal_sequence;
        floors.push_back(floor_once(directory.path(), record.data));
        const auto begin = mono_ns();
        require(store.save(record).has_value(), "saved the state");
        ours.push_back(ms(mono_ns() - begin));
    }
    JsonLine("state_write")
        .add("ms", median(ours))
        .add("p99_ms", quantile(ours, 0.99))
        .add("floor_ms", median(floors))
        .add("ratio", median(ours) / median(floors))
        .print();
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
