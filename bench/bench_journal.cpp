// Appends to an account's journal: those that survive a power cut (an fsync each, as before every
// order) and those that survive the death of the process (as every bar and every event); against a
// bare write of the same bytes with and without fdatasync, in the same run and on the same disk.
#include <fcntl.h>
#include <unistd.h>

#include "bench/support/command_line.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"
#include "common/base/descriptor.hpp"
#include "common/storage/file_system.hpp"
#include "common/storage/journal.hpp"
#include "tests/support/temporary.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::bench;

constexpr int k_durable = 500;
constexpr int k_volatile = 20'000;
constexpr std::uint16_t k_kind = 1;
// Of the body, as an order's record has it; the record adds its frame.
constexpr std::size_t k_body_size = 160;
constexpr std::size_t k_frame_size = 32;

double us(std::int64_t nanos) {
    return static_cast<double>(nanos) / 1e3;
}

struct Waits {
    std::vector<double> ours;
    std::vector<double> floors;
};

// In turn, so that whatever else the disk has to do is the same for both.
Waits measure(storage::Journal& journal, int floor, int count, storage::Durability durability) {
    const std::string body(k_body_size, 'x');
    const std::string bare(k_body_size + k_frame_size, 'x');
    Waits waits;
    for (int i = 0; i < count; ++i) {
        auto begin = mono_ns();
        require(write_all(floor, bare).has_value(), "wrote the floor");
        if (durability == storage::Durability::disk)
            require(::fdatasync(floor) == 0, "synced the floor");
        waits.floors.push_back(us(mono_ns() - begin));
        begin = mono_ns();
        require(journal.append(k_kind, body, durability).has_value(), "appended a record");
        waits.ours.push_back(us(mono_ns() - begin));
    }
    return waits;
}

void tell(JsonLine& line, const std::string& what, const Waits& waits) {
    line.add(what + "_per_second", 1e6 / median(waits.ours))
        .add(what + "_us", median(waits.ours))
        .add(what + "_p99_us", quantile(waits.ours, 0.99))
        .add(what + "_floor_us", median(waits.floors))
        .add(what + "_ratio", median(waits.ours) / median(waits.floors));
}

}  // namespace

int main(int argc, char**) try {
    require(argc == 1, "it takes no arguments");
    const test::TemporaryDirectory directory;
    storage::SystemFileSystem files;
    auto journal =
        storage::Journal::open(files, directory.file("journal"), test::account_id("bench"));
    require(journal.has_value(), "opened a journal");
    const auto floor =
        open_file(directory.file("floor"), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    require(floor.has_value(), "opened the floor");
    const auto durable = measure(*journal, floor->get(), k_durable, storage::Durability::disk);
    const auto quick = measure(*journal, floor->get(), k_volatile, storage::Durability::process);
    JsonLine line("journal");
    tell(line, "durable", durable);
    tell(line, "process", quick);
    line.print();
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
