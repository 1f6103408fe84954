#include "worker/execution/record.hpp"

#include <array>
#include <utility>

#include "common/base/errc.hpp"
#include "worker/execution/record_fields.hpp"

namespace bullpen::execution {

namespace {

constexpr std::int64_t k_version = 1;
// Of a moved stop with its reason.
constexpr std::int64_t k_version_newest = 2;

std::int64_t version_of(const Record& record) {
    const auto* planned = std::get_if<Planned>(&record);
    return planned != nullptr && !planned->why.empty() ? k_version_newest : k_version;
}

constexpr std::array<std::string_view, std::variant_size_v<Record>> k_codes{
    "started",    "intended", "denied",    "sent",       "commanded", "answered",
    "reported",   "filled",   "concluded", "unwanted",   "planned",   "exit_begun",
    "exit_ended", "adopted",  "blocked",   "reconciled", "traded",    "balance"};
static_assert(k_record_kind_first + std::variant_size_v<Record> - 1 == k_record_kind_last);

template <std::size_t... I>
Record empty_record(std::size_t index, std::index_sequence<I...> /*indices*/) {
    Record record;
    ((I == index ? void(record.emplace<I>()) : void()), ...);
    return record;
}

}  // namespace

RecordKind kind(const Record& record) {
    return static_cast<RecordKind>(k_record_kind_first + record.index());
}

std::string_view code(RecordKind kind) {
    return k_codes.at(static_cast<std::size_t>(kind) - k_record_kind_first);
}

std::string encode(const Record& record) {
    Writer writer;
    std::int64_t version = version_of(record);
    fields(writer, version);
    std::visit([&](auto body) { fields(writer, body); }, record);
    return writer.take();
}

Result<Record> decode(std::uint16_t kind, std::string_view body) {
    if (!is_record_kind(kind)) {
        return fail(Errc::newer_version,
                    "records of kind " + std::to_string(kind) + " are not known");
    }
    Record record = empty_record(static_cast<std::size_t>(kind - k_record_kind_first),
                                 std::make_index_sequence<std::variant_size_v<Record>>());
    Reader reader(body);
    std::int64_t version = 0;
    fields(reader, version);
    if (!reader.failed() && version > k_version_newest) {
        return fail(Errc::newer_version,
                    "a record of version " + std::to_string(version) + " is not known");
    }
    std::visit([&](auto& typed) { fields(reader, typed); }, record);
    if (reader.failed() || !reader.at_end() || version != version_of(record)) {
        return fail(Errc::corrupt, "a record of kind " +
                                       std::string(code(static_cast<RecordKind>(kind))) +
                                       " cannot be read");
    }
    return record;
}

}  // namespace bullpen::execution
