#include "venue/venue_log.hpp"

#include <algorithm>
#include <array>

#include "common/base/errc.hpp"

namespace bullpen::venue {

namespace {

constexpr mode_t k_mode = 0600;
constexpr std::size_t k_message_kept_max = 64 * 1024;

// Whether a message only says that time goes on. What writes messages puts the type second.
bool is_routine(std::string_view line) {
    constexpr std::array<std::string_view, 4> k_types{"step", "step_done", "ping", "pong"};
    constexpr std::string_view k_key = "\"type\":\"";
    const auto at = line.substr(0, 64).find(k_key);
    if (at == std::string_view::npos)
        return false;
    const auto type = line.substr(at + k_key.size());
    return std::any_of(k_types.begin(), k_types.end(), [&](std::string_view known) {
        return type.starts_with(known) && type.substr(known.size()).starts_with('"');
    });
}

}  // namespace

Result<VenueLog> VenueLog::open(storage::FileSystem& files, const std::string& path,
                                const Limits& limits) {
    VenueLog log(files, path, limits);
    BULLPEN_CHECK(log.open_file());
    return log;
}

Result<void> VenueLog::open_file() {
    BULLPEN_TRY(file_, files_->open_append(path_, k_mode));
    // A line that a power cut left half is ended, so that the next one is whole.
    BULLPEN_TRY(const auto tail, files_->read_tail(path_, 1));
    if (!tail.empty() && tail != "\n") {
        BULLPEN_TRY(const auto written, file_->append("\n"));
        (void)written;
    }
    BULLPEN_TRY(size_, file_->size());
    return {};
}

Result<void> VenueLog::put_aside() {
    file_.reset();
    BULLPEN_CHECK(files_->rename(path_, path_ + ".1"));
    return open_file();
}

void VenueLog::begin(ipc::JsonWriter& out, Instant now, std::string_view event) {
    out.open_object();
    out.text("utc", format_utc_nanos(now.utc));
    out.integer("mono", now.mono.time_since_epoch().count());
    out.text("event", event);
}

Result<void> VenueLog::write(ipc::JsonWriter& out) {
    out.close_object();
    const auto line = out.take() + "\n";
    if (limits_.size_max > 0 && size_ > 0 && size_ + line.size() > limits_.size_max)
        BULLPEN_CHECK(put_aside());
    std::string_view left = line;
    while (!left.empty()) {
        BULLPEN_TRY(const auto taken, file_->append(left));
        if (taken == 0)
            return fail(std::make_error_code(std::errc::no_space_on_device), "the venue's log");
        left.remove_prefix(taken);
        size_ += taken;
    }
    ++lines_;
    return {};
}

Result<void> VenueLog::message(Instant now, std::string_view event, std::uint64_t session,
                               std::string_view account, std::string_view line) {
    if (!limits_.steps && is_routine(line))
        return {};
    ipc::JsonWriter out;
    begin(out, now, event);
    out.integer("session", static_cast<std::int64_t>(session));
    out.text_if("account", account);
    // As a text and not as JSON: what was sent may be none.
    out.text("message", line, k_message_kept_max);
    return write(out);
}

Result<void> VenueLog::note(Instant now, std::string_view event, std::uint64_t session,
                            std::string_view account, std::string_view text) {
    ipc::JsonWriter out;
    begin(out, now, event);
    out.integer("session", static_cast<std::int64_t>(session));
    out.text_if("account", account);
    out.text_if("text", text);
    return write(out);
}

Result<void> VenueLog::order(Instant now, const EventRecord& record,
                             const model::Instrument& instrument, std::string_view intent) {
    const auto& order = record.event.order;
    const auto& request = order.request;
    const bool filled = record.event.kind == matching::EventKind::filled;
    const auto& fill = record.event.execution;
    ipc::JsonWriter out;
    begin(out, now, filled ? "execution" : "order");
    out.text("account", record.account);
    out.text("kind", code(record.event.kind));
    out.text_if("order", request.client.view());
    out.integer("number", static_cast<std::int64_t>(order.number));
    out.text_if("intent", intent);
    out.text("purpose", code(record.purpose));
    out.text("symbol", instrument.symbol);
    out.text("side", code(request.side));
    out.text("type", code(request.type));
    out.integer("quantity", request.quantity);
    if (request.type == model::OrderType::limit)
        out.text("limit", text(request.limit, instrument.tick));
    if (request.type == model::OrderType::stop)
        out.text("stop", text(request.stop, instrument.tick));
    out.integer("filled", order.filled);
    out.text("status", code(order.status));
    out.text_if("refusal", order.refusal == matching::Refusal::none ? std::string_view()
                                                                    : code(order.refusal));
    out.text("market_time", format_utc_nanos(order.updated));
    if (filled) {
        out.integer("execution", static_cast<std::int64_t>(fill.number));
        out.integer("fill_quantity", fill.quantity);
        out.text("price", text(fill.price, instrument.tick));
        out.text("fee", text(fill.fee));
        out.integer("position", fill.position_after.quantity);
        out.text("cash", text(fill.cash_after));
    }
    return write(out);
}

Result<void> VenueLog::step(Instant now, std::string_view market, std::string_view phase,
                            std::uint64_t bar, UtcTime start) {
    ipc::JsonWriter out;
    begin(out, now, "step");
    out.text("market", market);
    out.text("phase", phase);
    out.integer("bar", static_cast<std::int64_t>(bar));
    out.text("start", format_utc_nanos(start));
    return write(out);
}

}  // namespace bullpen::venue
