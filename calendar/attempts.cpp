#include "calendar/attempts.hpp"

#include "calendar/text.hpp"
#include "common/storage/atomic_file.hpp"

namespace bullpen::calendar {

namespace {

constexpr std::size_t k_file_max = std::size_t{64} * 1024;  // bytes
constexpr std::size_t k_fields = 5;
constexpr std::string_view k_nothing = "-";

std::string field(std::string_view text) {
    std::string out(text.empty() ? k_nothing : text);
    for (char& c : out) {
        if (c == '\t' || c == '\n')
            c = ' ';
    }
    return out;
}
std::string value(std::string_view text) {
    return std::string(text == k_nothing ? "" : text);
}

}  // namespace

Attempts load_attempts(storage::FileSystem& files, const std::string& path) {
    Attempts attempts;
    const auto text = files.read(path, k_file_max);
    if (!text)
        return attempts;
    for (const std::string_view line : split(*text, '\n')) {
        const auto fields = split(line, '\t');
        if (fields.size() != k_fields)
            continue;
        if (const auto at = parse_utc(fields[1]))
            attempts[std::string(fields[0])] = {*at, value(fields[2]), value(fields[3]),
                                                value(fields[4])};
    }
    return attempts;
}

Result<void> save_attempts(storage::FileSystem& files, const std::string& path,
                           const Attempts& attempts) {
    std::string text;
    for (const auto& [source, attempt] : attempts)
        text += source + '\t' + format_utc(attempt.at) + '\t' + field(attempt.sha256) + '\t' +
                field(attempt.etag) + '\t' + field(attempt.last_modified) + '\n';
    return storage::replace_file(files, path, text);
}

std::optional<UtcTime> wait_until(const Attempts& attempts, std::string_view source, UtcTime now) {
    const auto found = attempts.find(source);
    if (found == attempts.end() || found->second.at > now)
        return std::nullopt;
    const Nanos every = source == "fed-rss" ? Nanos(k_watch_every) : Nanos(k_ask_every);
    const UtcTime until = found->second.at + every;
    return until > now ? std::optional(until) : std::nullopt;
}

}  // namespace bullpen::calendar
