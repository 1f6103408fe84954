#include "common/log/audit_log.hpp"

#include <sodium/crypto_hash_sha256.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "common/base/errc.hpp"
#include "common/log/line.hpp"

namespace bullpen::log {

namespace {

// How much of a file's end is read to find its last entry, and of a file to verify it.
constexpr std::size_t k_tail_size = 4 * k_line_size_max;
constexpr std::size_t k_read_max = 256 * 1024 * 1024;
constexpr std::string_view k_chain_start =
    "0000000000000000000000000000000000000000000000000000000000000000";
// Each line ends with these two members, so that they are found without reading JSON.
constexpr std::string_view k_sequence_member = ",\"seq\":";
constexpr std::string_view k_previous_member = ",\"prev\":\"";
constexpr std::string_view k_chain_end = "\"}";

std::string sha256(std::string_view data) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(data.data()),
                       data.size());
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const auto byte : hash) {
        text.push_back(digits[byte >> 4U]);
        text.push_back(digits[byte & 0xFU]);
    }
    return text;
}

struct ChainEnd {
    std::uint64_t sequence = 0;
    std::string previous;
};

// What a line (without its newline) says of its place in the chain.
Result<ChainEnd> chain_of(std::string_view line) {
    const auto bad = [] { return fail(Errc::corrupt, "an audit line has no place in the chain"); };
    if (!line.ends_with(k_chain_end))
        return bad();
    line.remove_suffix(k_chain_end.size());
    const auto previous = line.rfind(k_previous_member);
    if (previous == std::string_view::npos)
        return bad();
    const auto named = line.substr(previous + k_previous_member.size());
    const auto head = line.substr(0, previous);
    const auto sequence = head.rfind(k_sequence_member);
    if (sequence == std::string_view::npos || named.size() != k_chain_start.size())
        return bad();
    ChainEnd end{0, std::string(named)};
    const auto number = head.substr(sequence + k_sequence_member.size());
    const auto [stop, code] =
        std::from_chars(number.data(), number.data() + number.size(), end.sequence);
    if (code != std::errc() || stop != number.data() + number.size() || end.sequence == 0)
        return bad();
    return end;
}

// The last line that ends with a newline, without it; empty when there is none.
std::string_view last_line(std::string_view text) {
    const auto end = text.rfind('\n');
    if (end == std::string_view::npos)
        return {};
    text = text.substr(0, end);
    const auto start = text.rfind('\n');
    return start == std::string_view::npos ? text : text.substr(start + 1);
}

// A crash in the middle of a write can leave half a line, which was never acknowledged.
Result<void> cut_half_line(storage::FileSystem& files, const std::string& path,
                           std::string_view tail) {
    if (tail.empty() || tail.back() == '\n')
        return {};
    const auto end = tail.rfind('\n');
    const auto half = end == std::string_view::npos ? tail.size() : tail.size() - end - 1;
    BULLPEN_TRY(const auto file, files.open_append(path, 0600));
    BULLPEN_TRY(const auto size, file->size());
    return file->truncate(size - half);
}

}  // namespace

AuditLog::AuditLog(storage::FileSystem& files, const AuditSettings& settings, const Clock& clock,
                   Identity identity)
    : files_(files),
      path_(settings.path),
      sink_(files, {.path = settings.path,
                    .size_max = settings.size_max,
                    .period = RotationPeriod::month,
                    .keep = 0,
                    .age_max = settings.age_max}),
      clock_(clock),
      identity_(std::move(identity)) {}

Result<void> AuditLog::find_end() {
    previous_ = std::string(k_chain_start);
    sequence_ = 0;
    BULLPEN_TRY(auto paths, log_files(files_, path_));
    std::reverse(paths.begin(), paths.end());
    for (const auto& path : paths) {
        BULLPEN_TRY(const auto text, files_.read_tail(path, k_tail_size));
        BULLPEN_CHECK(cut_half_line(files_, path, text));
        const auto line = last_line(text);
        if (line.empty())
            continue;
        auto end = chain_of(line);
        if (!end)
            return fail(end.error().wrap(path));
        sequence_ = end->sequence;
        previous_ = sha256(line);
        break;
    }
    end_is_known_ = true;
    return {};
}

Result<void> AuditLog::append(std::string_view event, Fields fields) {
    if (!end_is_known_)
        BULLPEN_CHECK(find_end());
    const auto now = clock_.utc();
    std::string line;
    begin_line(line, now, Level::info, event, identity_, {});
    append_members(line, redactor_, fields);
    line += k_sequence_member;
    line += std::to_string(sequence_ + 1);
    line += k_previous_member;
    line += previous_;
    line += k_chain_end;
    auto hash = sha256(line);
    line.push_back('\n');
    auto outcome = sink_.write(line, now);
    if (outcome)
        outcome = sink_.sync();
    if (!outcome) {
        // The line may or may not be there: the next entry looks.
        end_is_known_ = false;
        return fail(outcome.error().wrap("audit log"));
    }
    previous_ = std::move(hash);
    ++sequence_;
    return {};
}

Result<std::uint64_t> verify_audit(storage::FileSystem& files, const std::string& path) {
    BULLPEN_TRY(const auto paths, log_files(files, path));
    std::string previous;
    std::uint64_t sequence = 0;
    std::uint64_t count = 0;
    for (const auto& name : paths) {
        BULLPEN_TRY(const auto text, files.read(name, k_read_max));
        std::string_view rest = text;
        while (!rest.empty()) {
            const auto end = rest.find('\n');
            const auto where = [&] { return name + ", entry " + std::to_string(sequence + 1); };
            if (end == std::string_view::npos)
                return fail(Errc::corrupt, where() + " is cut short");
            const auto line = rest.substr(0, end);
            rest.remove_prefix(end + 1);
            auto chain = chain_of(line);
            if (!chain)
                return fail(chain.error().wrap(where()));
            // The first line that is still kept has nothing before it to compare with.
            const bool first = count == 0;
            if (!first && (chain->sequence != sequence + 1 || chain->previous != previous))
                return fail(Errc::corrupt, where() + " does not follow the one before it");
            if (first && chain->sequence == 1 && chain->previous != k_chain_start)
                return fail(Errc::corrupt, where() + " does not start the chain");
            sequence = chain->sequence;
            previous = sha256(line);
            ++count;
        }
    }
    return count;
}

}  // namespace bullpen::log
