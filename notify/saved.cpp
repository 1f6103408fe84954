#include "notify/saved.hpp"

#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/storage/checksum.hpp"

namespace bullpen::notify {

namespace {

using nlohmann::json;

// "bullpen-alerts 1 0a1b2c3d", then the JSON that the checksum is of.
constexpr std::string_view k_mark = "bullpen-alerts 1 ";
constexpr std::string_view k_mark_any = "bullpen-alerts ";
constexpr std::size_t k_checksum_size = 8;

std::string time_text(UtcTime time) {
    return format_utc_nanos(time);
}

UtcTime time_of(const json& from) {
    return parse_utc(from.get<std::string>()).value_or(UtcTime{});
}

json to_json(const Alert& alert) {
    return {{"id", alert.id},
            {"alert", alerts::code(alert.kind)},
            {"account", alert.account},
            {"subject", alert.subject},
            {"text", alert.text},
            {"advice", alert.advice},
            {"at", time_text(alert.at)},
            {"more", alert.more},
            {"since", time_text(alert.since)}};
}

// Nothing for a kind that this release does not know.
std::optional<Alert> alert_from(const json& from) {
    const auto kind = alerts::kind_from(from.at("alert").get<std::string>());
    if (!kind)
        return std::nullopt;
    Alert alert;
    alert.id = from.at("id").get<std::string>();
    alert.kind = *kind;
    alert.account = from.at("account").get<std::string>();
    alert.subject = from.at("subject").get<std::string>();
    alert.text = from.at("text").get<std::string>();
    alert.advice = from.at("advice").get<std::string>();
    alert.at = time_of(from.at("at"));
    alert.more = from.at("more").get<std::uint64_t>();
    alert.since = time_of(from.at("since"));
    return alert;
}

json to_json(const GateState& gate) {
    json keys = json::object();
    for (const auto& [key, counted] : gate.keys) {
        keys[key] = {{"sent", time_text(counted.sent)},
                     {"more", counted.more},
                     {"first", time_text(counted.first)},
                     {"last", counted.last ? to_json(*counted.last) : json()}};
    }
    json sent = json::object();
    for (std::size_t i = 0; i < alerts::k_severities; ++i) {
        auto& times = sent[std::string(code(static_cast<Severity>(i)))] = json::array();
        for (const auto& at : gate.sent.at(i))
            times.push_back(time_text(at));
    }
    json held = json::object();
    for (const auto& [kind, count] : gate.held_back)
        held[std::string(alerts::code(kind))] = count;
    return {{"keys", std::move(keys)},
            {"sent", std::move(sent)},
            {"held_back", std::move(held)},
            {"held_since", time_text(gate.held_since)}};
}

void read_sent(const json& from, GateState& gate) {
    const auto read = [&](const json& times, Severity severity) {
        for (const auto& at : times)
            gate.sent.at(static_cast<std::size_t>(severity)).push_back(time_of(at));
    };
    // An older program's does not say how severe they were.
    if (from.is_array())
        return read(from, Severity::warning);
    for (const auto& [name, times] : from.items()) {
        if (const auto severity = alerts::severity_from(name))
            read(times, *severity);
    }
}

GateState gate_from(const json& from) {
    GateState gate;
    for (const auto& [key, one] : from.at("keys").items()) {
        GateState::Counted counted;
        counted.sent = time_of(one.at("sent"));
        counted.more = one.at("more").get<std::uint64_t>();
        counted.first = time_of(one.at("first"));
        if (one.at("last").is_object())
            counted.last = alert_from(one.at("last"));
        gate.keys.emplace(key, std::move(counted));
    }
    read_sent(from.at("sent"), gate);
    for (const auto& [name, count] : from.at("held_back").items()) {
        if (const auto kind = alerts::kind_from(name))
            gate.held_back[*kind] = count.get<std::uint64_t>();
    }
    gate.held_since = time_of(from.at("held_since"));
    return gate;
}

json to_json(const OutboxState& outbox) {
    json waiting = json::array();
    for (const auto& one : outbox.waiting) {
        waiting.push_back({{"number", one.number},
                           {"alert", to_json(one.alert)},
                           {"target", code(one.target)},
                           {"form", code(one.form)},
                           {"recipients", one.recipients},
                           {"added", time_text(one.added)},
                           {"next", time_text(one.next)},
                           {"attempts", one.attempts},
                           {"trouble", one.trouble}});
    }
    return {{"waiting", std::move(waiting)},
            {"last_number", outbox.last_number},
            {"given_up", outbox.given_up}};
}

OutboxState outbox_from(const json& from) {
    OutboxState outbox;
    for (const auto& one : from.at("waiting")) {
        auto alert = alert_from(one.at("alert"));
        const auto target = target_from(one.at("target").get<std::string>());
        const auto form = form_from(one.at("form").get<std::string>());
        if (!alert || !target || !form)
            continue;
        Delivery delivery;
        delivery.number = one.at("number").get<std::uint64_t>();
        delivery.alert = std::move(*alert);
        delivery.target = *target;
        delivery.form = *form;
        delivery.recipients = one.at("recipients").get<std::vector<std::string>>();
        delivery.added = time_of(one.at("added"));
        delivery.next = time_of(one.at("next"));
        delivery.attempts = one.at("attempts").get<std::uint32_t>();
        delivery.trouble = one.at("trouble").get<std::string>();
        outbox.waiting.push_back(std::move(delivery));
    }
    outbox.last_number = from.at("last_number").get<std::uint64_t>();
    outbox.given_up = from.at("given_up").get<std::uint64_t>();
    return outbox;
}

json to_json(const BoardState& board) {
    json open = json::object();
    for (const auto& [account, since] : board.open_since)
        open[account] = time_text(since);
    return {{"open_since", std::move(open)},
            {"open_told", board.open_told},
            {"limit_told", board.limit_told},
            {"recap_at", time_text(board.recap_at)},
            {"daemon_told", board.daemon_told}};
}

BoardState board_from(const json& from) {
    BoardState board;
    for (const auto& [account, since] : from.at("open_since").items())
        board.open_since.emplace(account, time_of(since));
    for (const auto& one : from.at("open_told"))
        board.open_told.insert(one.get<std::string>());
    for (const auto& one : from.at("limit_told"))
        board.limit_told.insert(one.get<std::string>());
    board.recap_at = time_of(from.at("recap_at"));
    board.daemon_told = from.at("daemon_told").get<bool>();
    return board;
}

Saved saved_from(const json& from) {
    Saved saved;
    for (const auto& [path, one] : from.at("cursors").items())
        saved.cursors[path] = {one.at("inode").get<std::uint64_t>(),
                               one.at("offset").get<std::uint64_t>(),
                               one.at("head").get<std::uint32_t>()};
    saved.gate = gate_from(from.at("gate"));
    saved.outbox = outbox_from(from.at("outbox"));
    saved.board = board_from(from.at("board"));
    return saved;
}

}  // namespace

std::string to_text(const Saved& saved) {
    json cursors = json::object();
    for (const auto& [path, one] : saved.cursors)
        cursors[path] = {{"inode", one.inode}, {"offset", one.offset}, {"head", one.head}};
    const json all = {{"cursors", std::move(cursors)},
                      {"gate", to_json(saved.gate)},
                      {"outbox", to_json(saved.outbox)},
                      {"board", to_json(saved.board)}};
    const auto text = documents::json_text(all);
    return std::string(k_mark) + storage::checksum_text(storage::crc32c(text)) + "\n" + text + "\n";
}

Result<Saved> parse_saved(std::string_view text) {
    if (text.starts_with(k_mark_any) && !text.starts_with(k_mark))
        return fail(Errc::newer_version, "it is of another version than this program knows");
    const auto begin = k_mark.size() + k_checksum_size + 1;
    if (!text.starts_with(k_mark) || text.size() < begin + 1 || text.back() != '\n')
        return fail(Errc::corrupt, "it is no state of alerts, or is cut short");
    const auto body = text.substr(begin, text.size() - begin - 1);
    if (text.substr(k_mark.size(), k_checksum_size) !=
        storage::checksum_text(storage::crc32c(body)))
        return fail(Errc::corrupt, "its checksum is wrong");
    try {
        BULLPEN_TRY(const auto all, documents::read_json(body, "it"));
        return saved_from(all);
    } catch (const json::exception& error) {
        return fail(Errc::corrupt, std::string("it does not have what it should: ") + error.what());
    }
}

Loaded load_saved(storage::FileSystem& files, const std::string& path) {
    Loaded loaded;
    for (const auto& name : {path, storage::previous_of(path)}) {
        const auto text = files.read(name, k_saved_max);
        if (!text && storage::is_missing(text.error()))
            continue;
        auto parsed = text ? parse_saved(*text) : fail(text.error());
        if (parsed) {
            loaded.saved = std::move(*parsed);
            loaded.restored = true;
            return loaded;
        }
        loaded.trouble = name + ": " + parsed.error().message();
    }
    return loaded;
}

Result<void> store_saved(storage::FileSystem& files, const std::string& path, const Saved& saved) {
    return storage::replace_file(files, path, to_text(saved), {.keep_previous = true});
}

}  // namespace bullpen::notify
