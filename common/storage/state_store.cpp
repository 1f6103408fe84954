#include "common/storage/state_store.hpp"

#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/storage/checksum.hpp"

namespace bullpen::storage {

namespace {

using nlohmann::json;

// The file is one JSON object of a fixed shape in three lines, so that the checksum can be of the
// bytes after the first line, not of some way to write JSON.
constexpr std::string_view k_checksum_begin = "{\"checksum\":\"crc32c:";
constexpr std::string_view k_checksum_end = "\",\n";
constexpr std::string_view k_header_begin = "\"header\":";
constexpr std::string_view k_data_begin = ",\n\"data\":";
constexpr std::string_view k_file_end = "}\n";
constexpr std::string_view k_format = "bullpen-state";
constexpr std::size_t k_checksum_digits = 8;

Unexpected corrupt(std::string what) {
    return fail(Errc::corrupt, std::move(what));
}

// A JSON object, nothing before or after it. Deeply nested input is refused before it is parsed.
bool is_object(std::string_view text) {
    return !text.empty() && text.front() == '{' && documents::is_json(text);
}

template <class T>
std::optional<T> unsigned_member(const json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number_unsigned())
        return std::nullopt;
    const auto value = found->get<std::uint64_t>();
    if (value > std::numeric_limits<T>::max())
        return std::nullopt;
    return static_cast<T>(value);
}

std::optional<std::string> text_member(const json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string())
        return std::nullopt;
    return found->get<std::string>();
}

Result<LastWords> parse_last_words(const json& object) {
    const auto code = object.find("exit_code");
    auto reason = text_member(object, "reason");
    auto sentence = text_member(object, "sentence");
    if (!object.is_object() || code == object.end() || !code->is_number_integer() || !reason ||
        !sentence) {
        return corrupt("the last words in the header have the wrong shape");
    }
    const auto value = code->get<std::int64_t>();
    if (value < 0 || value > 255)
        return corrupt("the exit code in the header is no exit code");
    return LastWords{static_cast<int>(value), std::move(*reason), std::move(*sentence)};
}

Result<ParsedState> parse_header(std::string_view text) {
    const json header = documents::parse_json(text);
    if (!header.is_object() || text_member(header, "format") != k_format)
        return corrupt("the header is not that of a state file");
    ParsedState parsed;
    auto& record = parsed.record;
    const auto schema = unsigned_member<std::uint32_t>(header, "schema");
    const auto sequence = unsigned_member<std::uint64_t>(header, "journal_sequence");
    auto account = text_member(header, "account");
    auto program = text_member(header, "program");
    auto launch = text_member(header, "launch");
    const auto saved_text = text_member(header, "saved");
    const auto clean = header.find("clean_exit");
    if (!schema || *schema == 0 || !sequence || !account || !program || !launch || !saved_text ||
        clean == header.end() || !clean->is_boolean()) {
        return corrupt("the header lacks a member or has one of the wrong kind");
    }
    const auto saved = parse_utc(*saved_text);
    if (!saved)
        return corrupt("the header's time cannot be read");
    parsed.account = std::move(*account);
    record.schema = *schema;
    record.journal_sequence = *sequence;
    record.clean_exit = clean->get<bool>();
    record.saved = *saved;
    record.program = std::move(*program);
    record.launch = std::move(*launch);
    record.fence = {unsigned_member<std::uint64_t>(header, "fence").value_or(0)};
    if (const auto words = header.find("last_words"); words != header.end()) {
        BULLPEN_TRY(record.last_words, parse_last_words(*words));
    }
    return parsed;
}

bool take(std::string_view& text, std::string_view expected) {
    if (!text.starts_with(expected))
        return false;
    text.remove_prefix(expected.size());
    return true;
}

Result<ParsedState> parse_checked(std::string_view text) {
    if (!take(text, k_checksum_begin) || text.size() < k_checksum_digits)
        return corrupt("it does not start with a checksum");
    const auto checksum = text.substr(0, k_checksum_digits);
    text.remove_prefix(k_checksum_digits);
    if (!take(text, k_checksum_end))
        return corrupt("it does not start with a checksum");
    if (checksum != checksum_text(crc32c(text)))
        return corrupt("the checksum is wrong");
    if (!take(text, k_header_begin) || !text.ends_with(k_file_end))
        return corrupt("it does not have the shape of a state file");
    text.remove_suffix(k_file_end.size());
    // The header is written in one line and JSON text holds no raw newline.
    const auto data = text.find(k_data_begin);
    if (data == std::string_view::npos)
        return corrupt("it holds no data");
    const auto header = text.substr(0, data);
    if (!is_object(header))
        return corrupt("the header is no JSON object");
    BULLPEN_TRY(auto parsed, parse_header(header));
    text.remove_prefix(data + k_data_begin.size());
    if (!is_object(text))
        return corrupt("the data is no JSON object");
    parsed.record.data.assign(text);
    return parsed;
}

}  // namespace

std::string format_state(const AccountId& account, const StateRecord& record) {
    BULLPEN_ASSERT(record.schema > 0, "a state has a schema");
    json header = {{"format", k_format},
                   {"account", account.str()},
                   {"schema", record.schema},
                   {"journal_sequence", record.journal_sequence},
                   {"clean_exit", record.clean_exit},
                   {"saved", format_utc_nanos(record.saved)},
                   {"program", record.program},
                   {"launch", record.launch}};
    if (record.fence.value != 0)
        header["fence"] = record.fence.value;
    if (record.last_words) {
        header["last_words"] = {{"exit_code", record.last_words->exit_code},
                                {"reason", record.last_words->reason},
                                {"sentence", record.last_words->sentence}};
    }
    std::string rest(k_header_begin);
    rest += documents::json_text(header);
    rest += k_data_begin;
    rest += record.data;
    rest += k_file_end;
    std::string text(k_checksum_begin);
    text += checksum_text(crc32c(rest));
    text += k_checksum_end;
    text += rest;
    return text;
}

Result<ParsedState> parse_state(std::string_view text) {
    if (text.size() > k_state_size_max) {
        return fail(Errc::too_large,
                    "the state file has more than " + std::to_string(k_state_size_max) + " bytes");
    }
    try {
        return parse_checked(text);
    } catch (const json::exception& problem) {
        return corrupt(std::string("it cannot be read: ") + problem.what());
    }
}

Result<ParsedState> peek_state(FileSystem& files, const std::string& path) {
    BULLPEN_TRY(const auto text, files.read(path, k_state_size_max));
    auto parsed = parse_state(text);
    if (!parsed)
        return fail(parsed.error().wrap("state file " + path));
    return parsed;
}

StateStore::StateStore(FileSystem& files, std::string path, AccountId account, std::uint32_t schema,
                       std::vector<Migration> migrations)
    : files_(files),
      path_(std::move(path)),
      account_(std::move(account)),
      schema_(schema),
      migrations_(std::move(migrations)) {
    BULLPEN_ASSERT(schema_ > 0 && migrations_.size() == schema_ - 1,
                   "a migration leads from every old schema to the next");
}

std::string StateStore::copy_path(std::uint32_t schema) const {
    return path_ + ".schema" + std::to_string(schema);
}

Result<StateRecord> StateStore::read_one(const std::string& path) {
    BULLPEN_TRY(const auto status, files_.status(path));
    if (status.owner != ::geteuid()) {
        return fail(Errc::wrong_account, "state file " + path + " belongs to user " +
                                             std::to_string(status.owner) + ", not to user " +
                                             std::to_string(::geteuid()));
    }
    BULLPEN_TRY(auto parsed, peek_state(files_, path));
    if (parsed.account != account_.str()) {
        return fail(Errc::wrong_account, "state file " + path + " is of account '" +
                                             parsed.account + "', not of '" + account_.str() +
                                             "'; put it where it belongs, and this account's own "
                                             "in its place");
    }
    return std::move(parsed.record);
}

Result<LoadedState> StateStore::load() {
    LoadedState loaded;
    auto current = read_one(path_);
    if (current) {
        loaded.origin = StateOrigin::current;
        loaded.record = std::move(*current);
    } else {
        const auto& error = current.error();
        const bool damaged = error.code() == make_error_code(Errc::corrupt) ||
                             error.code() == make_error_code(Errc::too_large);
        if (!damaged && !is_missing(error))
            return fail(error);
        auto previous = read_one(previous_of(path_));
        if (!previous && is_missing(previous.error())) {
            if (damaged)
                return fail(error.wrap("there is no state file before it"));
            return loaded;
        }
        if (!previous)
            return fail(previous.error().wrap("also " + error.message()));
        loaded.origin = StateOrigin::previous;
        loaded.trouble = error.message();
        loaded.record = std::move(*previous);
        // The damaged one is kept for whoever wants to know; and must not become the previous.
        if (damaged)
            BULLPEN_CHECK(files_.rename(path_, path_ + ".damaged"));
    }
    if (loaded.record->schema > schema_)
        return load_copy(*loaded.record);
    BULLPEN_CHECK(migrate(loaded));
    return loaded;
}

Result<LoadedState> StateStore::load_copy(const StateRecord& newer) {
    const auto refusal = Error(
        Errc::newer_version, "state file " + path_ + " has schema " + std::to_string(newer.schema) +
                                 " of program " + newer.program + "; this program knows up to " +
                                 std::to_string(schema_) +
                                 ": run that program, or a later one; nothing was changed");
    for (auto schema = schema_; schema > 0; --schema) {
        auto copy = read_one(copy_path(schema));
        if (!copy) {
            if (is_missing(copy.error()))
                continue;
            return fail(copy.error().wrap(refusal.message()));
        }
        // The next save overwrites the newer file; it is kept for the way back up.
        BULLPEN_CHECK(keep_copy_of(path_, newer.schema));
        LoadedState loaded;
        loaded.origin = StateOrigin::older_copy;
        loaded.trouble = refusal.message() + "; the copy kept before the migration is used";
        loaded.record = std::move(*copy);
        BULLPEN_CHECK(migrate(loaded));
        return loaded;
    }
    return fail(refusal);
}

Result<void> StateStore::migrate(LoadedState& loaded) {
    auto& record = *loaded.record;
    if (record.schema == schema_)
        return {};
    loaded.migrated_from = record.schema;
    if (loaded.origin != StateOrigin::older_copy) {
        BULLPEN_CHECK(keep_copy_of(
            loaded.origin == StateOrigin::current ? path_ : previous_of(path_), record.schema));
    }
    while (record.schema < schema_) {
        auto data = migrations_[record.schema - 1](std::move(record.data));
        if (!data) {
            return fail(data.error().wrap("migrating state file " + path_ + " from schema " +
                                          std::to_string(record.schema)));
        }
        record.data = std::move(*data);
        ++record.schema;
    }
    return {};
}

Result<void> StateStore::keep_copy_of(const std::string& path, std::uint32_t schema) {
    BULLPEN_TRY(const auto text, files_.read(path, k_state_size_max));
    return replace_file(files_, copy_path(schema), text);
}

Result<void> StateStore::save(StateRecord record) {
    record.schema = schema_;
    if (!is_object(record.data))
        return fail(Errc::invalid, "the state of " + account_.str() + " is no JSON object");
    const auto text = format_state(account_, record);
    if (text.size() > k_state_size_max) {
        return fail(Errc::too_large, "the state of " + account_.str() + " has more than " +
                                         std::to_string(k_state_size_max) + " bytes");
    }
    return replace_file(files_, path_, text, {.keep_previous = true});
}

}  // namespace bullpen::storage
