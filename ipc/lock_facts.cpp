#include "ipc/lock_facts.hpp"

#include <algorithm>
#include <cstdint>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "ipc/json_reader.hpp"
#include "ipc/json_writer.hpp"

namespace bullpen::ipc {

namespace {

// Sum of all texts below k_lock_line_size even if each byte takes two after escaping.
constexpr std::size_t k_text_max = 64;
constexpr std::size_t k_home_max = 256;
constexpr int k_landlock_max = 255;
constexpr std::string_view k_check_prefix = ",\"check\":\"";
constexpr std::size_t k_check_digits = 16;
constexpr JsonLimits k_limits{k_lock_line_size, 1};

// FNV-1a, 64 bit: against a torn read, not against an adversary.
std::uint64_t checksum(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3U;
    }
    return hash;
}

// Over the process, then over all between it and the checksum itself.
std::uint64_t checksum(std::string_view process, std::string_view rest) {
    std::string text(process);
    text += rest;
    return checksum(text);
}

constexpr std::string_view k_no_pid = "         0";
static_assert(k_no_pid.size() == k_pid_width);

std::string process_text(pid_t pid, std::uint64_t start_time) {
    std::string text(k_pid_width, ' ');
    format_number(static_cast<std::uint64_t>(std::max(pid, 0)), text.data(), k_pid_width);
    text += k_start_prefix;
    text.append(k_start_width, ' ');
    format_number(start_time, &text[text.size() - k_start_width], k_start_width);
    return text;
}

std::string hex(std::uint64_t value) {
    static constexpr char k_digits[] = "0123456789abcdef";
    std::string text(k_check_digits, '0');
    for (std::size_t i = k_check_digits; i-- > 0; value >>= 4U)
        text[i] = k_digits[value & 15U];
    return text;
}

// Printable ASCII only, and nothing that needs an escape: the length of a text is its bytes.
std::string plain(std::string_view text, std::size_t size_max) {
    std::string result(text.substr(0, size_max));
    for (char& c : result) {
        if (c < ' ' || c > '~' || c == '"' || c == '\\')
            c = '?';
    }
    return result;
}

Unexpected corrupt(std::string sentence) {
    return fail(Errc::corrupt, std::move(sentence));
}

}  // namespace

void format_number(std::uint64_t number, char* field, std::size_t width) noexcept {
    std::size_t at = width;
    do {
        field[--at] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0 && at > 0);
    while (at > 0)
        field[--at] = ' ';
}

std::string encode_facts(const LockFacts& facts) {
    JsonWriter json;
    json.open_object();
    json.text("boot_id", plain(facts.boot_id, k_text_max));
    json.text("host", plain(facts.host, k_text_max));
    json.text("home", plain(facts.home, k_home_max));
    json.text("account", plain(facts.account, k_text_max));
    json.text("broker_user", plain(facts.broker_user, k_text_max));
    json.text("launch", plain(facts.launch, k_text_max));
    json.integer("fence", static_cast<std::int64_t>(facts.fence));
    json.text("program", plain(facts.program, k_text_max));
    json.text("version", plain(facts.version, k_text_max));
    if (facts.isolation) {
        json.integer("landlock", facts.isolation->landlock);
        json.boolean("seccomp", facts.isolation->calls_filtered);
        json.boolean("own_user", facts.isolation->own_user);
    }
    json.utc("utc", facts.utc);
    json.utc("ended", facts.ended);
    std::string rest = json.take();
    rest.front() = ',';

    const auto process = process_text(facts.pid, facts.start_time);
    std::string line(k_pid_prefix);
    line += process;
    line += rest;
    line += k_check_prefix;
    line += hex(checksum(process, rest));
    line += "\"}";
    BULLPEN_ASSERT(line.size() < k_lock_line_size, "the facts of a lock fit into their line");
    line.resize(k_lock_line_size - 1, ' ');
    line += '\n';
    return line;
}

Result<DecodedFacts> decode_facts(std::string_view line) {
    if (line.size() != k_lock_line_size || !line.starts_with(k_pid_prefix))
        return corrupt("it is not a line written by Bullpen");
    const auto check = line.find(k_check_prefix, k_process_end);
    if (check == std::string_view::npos)
        return corrupt("it has no checksum");
    const auto digits = line.substr(check + k_check_prefix.size(), k_check_digits);
    const auto process = line.substr(k_pid_offset, k_process_end - k_pid_offset);
    const auto rest = line.substr(k_process_end, check - k_process_end);
    const bool whole = digits == hex(checksum(process, rest));
    auto before = std::string(k_no_pid);
    before += process.substr(k_pid_width);
    if (!whole && digits != hex(checksum(before, rest)) &&
        digits != hex(checksum(process_text(0, 0), rest)))
        return corrupt("its checksum is wrong");
    const auto document = JsonDocument::parse(line, k_limits);
    if (!document)
        return corrupt(document.error().context());
    Fields fields(*document, 0, "lock file");
    LockFacts facts;
    fields.integer("pid", &facts.pid, 0, INT32_MAX, Need::required);
    fields.integer("start_time", &facts.start_time, 0, INT64_MAX);
    fields.text("boot_id", &facts.boot_id, k_text_max);
    fields.text("host", &facts.host, k_text_max);
    fields.text("home", &facts.home, k_home_max);
    fields.text("account", &facts.account, k_text_max);
    fields.text("broker_user", &facts.broker_user, k_text_max);
    fields.text("launch", &facts.launch, k_text_max);
    fields.integer("fence", &facts.fence, 0, INT64_MAX);
    fields.text("program", &facts.program, k_text_max);
    fields.text("version", &facts.version, k_text_max);
    sandbox::Isolation isolation{-1, false, false};
    fields.integer("landlock", &isolation.landlock, 0, k_landlock_max);
    fields.boolean("seccomp", &isolation.calls_filtered);
    fields.boolean("own_user", &isolation.own_user);
    if (isolation.landlock >= 0)
        facts.isolation = isolation;
    fields.utc("utc", &facts.utc, Need::required);
    fields.utc("ended", &facts.ended);
    if (const auto status = fields.status(); !status)
        return corrupt(status.error().context());
    return DecodedFacts{std::move(facts), whole};
}

}  // namespace bullpen::ipc
