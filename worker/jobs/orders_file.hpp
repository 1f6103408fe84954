// The orders file of a day: what place_orders_daily ordered and what became of it, for people and
// for tools that read the older bots' files. Ours has the fields of the older *placed* shape, with
// more; both shapes are read. docs/jobs.md has the fields.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/storage/file_system.hpp"
#include "worker/jobs/share_records.hpp"
#include "worker/jobs/share_world.hpp"

namespace bullpen::jobs {

// An order as a file has it, of either shape.
struct FiledOrder {
    std::string symbol;
    bool placed = false;        // the broker took it
    std::int64_t quantity = 0;  // that was ordered, or held
    friend bool operator==(const FiledOrder&, const FiledOrder&) = default;
};
// Errc::invalid.
Result<std::vector<FiledOrder>> read_orders_file(std::string_view text);

// What was placed on a day by the files there: by this program, another one, or an older bot. A
// file that cannot be read is named in `unreadable`; so is the directory. Then nobody knows whether
// that is all.
std::set<std::string> ordered_by_files(storage::FileSystem& files, const std::string& directory,
                                       std::string_view day, std::vector<std::string>* unreadable);

struct OrdersFile {
    std::string account;
    std::string day;
    PlannedFrom planned;
    int deployment_percent = 0;
};
// "orders_mes01_20261120_093001.json"
std::string orders_file_name(const OrdersFile& file);
std::string orders_file_text(const OrdersFile& file, const ShareRecords& records,
                             const ShareWorld& world, UtcTime written);

}  // namespace bullpen::jobs
