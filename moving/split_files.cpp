#include "moving/split_files.hpp"

#include <algorithm>
#include <array>

#include "common/base/errc.hpp"
#include "moving/json_impl.hpp"

namespace bullpen::moving {

namespace {

// What belongs to one login alone, and what is reckoned from the quantity.
constexpr std::array<std::string_view, 5> k_gtt{"gtt", "gtt_order_id", "stop_loss",
                                                "stop_loss_updated", "stop_loss_source"};
constexpr std::array<std::string_view, 2> k_reckoned{"pnl", "exit_pnl"};

std::map<std::string, std::int64_t> open_quantities(const EquityState& state) {
    std::map<std::string, std::int64_t> open;
    for (const auto& [ticker, position] : state.positions) {
        if (!position.closed)
            open[ticker] = position.quantity;
    }
    return open;
}

class Writing {
  public:
    Writing(const SplitSource& source, const Json& state, const Split& split,
            const std::vector<Claimant>& users)
        : source_(source), state_(state), split_(split), users_(users) {}

    Result<SplitFiles> run(const std::map<std::string, std::string>& before) {
        BULLPEN_CHECK(open_files(before));
        for (const auto& division : split_.divisions)
            give(division);
        daily();
        gtt_orders();
        for (const auto& [name, value] : state_.items()) {
            if (name != "meta" && name != "positions" && name != "daily_tickers" &&
                name != "gtt_orders")
                unassigned_["other"][name] = value;
        }
        unassigned_["v"] = 1;
        unassigned_["source"] = origin();
        for (const auto& [user, file] : files_) {
            if (touched_.contains(user))
                out_.users[user] = print_json(file);
        }
        out_.unassigned = print_json(unassigned_);
        return std::move(out_);
    }

  private:
    [[nodiscard]] Json origin() const {
        return {{"file", source_.name}, {"sha256", source_.sha256}};
    }

    Result<void> open_files(const std::map<std::string, std::string>& before) {
        for (const auto& user : users_) {
            const auto found = before.find(user.user);
            if (found == before.end()) {
                files_[user.user] = fresh(user.user);
                continue;
            }
            const auto state = parse_equity_state(found->second);
            if (!state)
                return fail(state.error().wrap("the file of " + user.user));
            if (!state->user.empty() && state->user != user.user)
                return fail(Errc::wrong_account,
                            "the file of " + user.user + " says that it belongs to " + state->user);
            BULLPEN_TRY(files_[user.user], parse_json(found->second));
            if (has_taken(found->second, source_.sha256))
                done_[user.user] = true;
        }
        return {};
    }

    [[nodiscard]] Json fresh(const std::string& user) const {
        const auto& meta = member(state_, "meta");
        return {{"meta",
                 {{"user_name", user},
                  {"date", member(meta, "date")},
                  {"last_updated", member(meta, "last_updated")}}},
                {"positions", Json::object()},
                {"daily_tickers", {{"long", Json::array()}, {"short", Json::array()}}},
                {"gtt_orders", Json::object()},
                {"session_data", Json::object()}};
    }

    // Every user who gets something is marked with where it is from.
    Json& file_of(const std::string& user) {
        auto& file = files_.at(user);
        if (!touched_[user]) {
            touched_[user] = true;
            auto& from = file["meta"]["migrated_from"];
            if (!from.is_array())
                from = from.is_null() ? Json::array() : Json::array({from});
            from.push_back(origin());
        }
        return file;
    }

    void give(const Division& division) {
        const auto& record = member(member(state_, "positions"), division.ticker);
        const bool whole = division.parts.size() == 1 && division.unassigned == 0;
        auto rest = division.unassigned;
        for (const auto& part : division.parts) {
            if (done_.contains(part.user))
                continue;
            if (files_.at(part.user)["positions"].contains(division.ticker)) {
                out_.collisions.push_back({part.user, division.ticker});
                rest += part.quantity;
                continue;
            }
            file_of(part.user)["positions"][division.ticker] =
                whole ? record : share(record, part.quantity);
        }
        const bool nobody = division.match == Match::record && division.parts.empty();
        if (rest > 0 || nobody)
            unassigned_["positions"][division.ticker] = nobody ? record : share(record, rest);
        if (!whole && !nobody)
            keep_gtt(division.ticker, record);
    }

    // The record with another quantity, its sign kept, and nothing that belongs to one login.
    static Json share(const Json& record, std::int64_t quantity) {
        Json part = record;
        const auto before = whole_of(member(record, "quantity")).value_or(0);
        part["quantity"] = before < 0 ? -quantity : quantity;
        for (const auto name : k_gtt)
            part.erase(std::string(name));
        for (const auto name : k_reckoned)
            part.erase(std::string(name));
        return part;
    }

    void keep_gtt(const std::string& ticker, const Json& record) {
        for (const auto name : k_gtt) {
            if (const auto& value = member(record, name); !value.is_null())
                unassigned_["gtt"][ticker][std::string(name)] = value;
        }
    }

    // Not a quantity: it is of everybody who has to do with the ticker.
    void daily() {
        for (const auto* side : {"long", "short"}) {
            for (const auto& one : member(member(state_, "daily_tickers"), side)) {
                bool known = false;
                for (const auto& user : users_) {
                    const auto ticker = one.get<std::string>();
                    if (!user.knows(ticker))
                        continue;
                    known = true;
                    if (!done_.contains(user.user))
                        add_daily(user.user, side, one);
                }
                if (!known)
                    unassigned_["daily_tickers"][side].push_back(one);
            }
        }
    }

    void add_daily(const std::string& user, const char* side, const Json& ticker) {
        auto& list = file_of(user)["daily_tickers"][side];
        if (!list.is_array())
            list = Json::array();
        if (std::find(list.begin(), list.end(), ticker) == list.end())
            list.push_back(ticker);
    }

    void gtt_orders() {
        for (const auto& [name, order] : member(state_, "gtt_orders").items()) {
            const auto division = std::find_if(
                split_.divisions.begin(), split_.divisions.end(),
                [&, &ticker = name](const Division& one) { return one.ticker == ticker; });
            const bool whole = division != split_.divisions.end() && division->unassigned == 0 &&
                               division->parts.size() == 1;
            const auto user = whole ? division->parts.front().user : std::string();
            if (whole && done_.contains(user))
                continue;
            if (whole && !files_.at(user)["gtt_orders"].contains(name))
                file_of(user)["gtt_orders"][name] = order;
            else
                unassigned_["gtt_orders"][name] = order;
        }
    }

    const SplitSource& source_;
    const Json& state_;
    const Split& split_;
    const std::vector<Claimant>& users_;
    std::map<std::string, Json> files_;
    std::map<std::string, bool> done_;     // took their part before
    std::map<std::string, bool> touched_;  // take it now
    Json unassigned_ = Json::object();
    SplitFiles out_;
};

}  // namespace

bool has_taken(std::string_view user_file, std::string_view sha256) {
    const auto file = parse_json(user_file);
    if (!file)
        return false;
    const auto& from = member(member(*file, "meta"), "migrated_from");
    return from.is_array() && std::any_of(from.begin(), from.end(), [&](const Json& one) {
               return text_of(one, "sha256") == sha256;
           });
}

Result<SplitFiles> split_files(const SplitSource& source, const Split& split,
                               const std::vector<Claimant>& users,
                               const std::map<std::string, std::string>& before) {
    BULLPEN_CHECK(parse_equity_state(source.text));
    BULLPEN_TRY(const Json state, parse_json(source.text));
    return Writing(source, state, split, users).run(before);
}

std::vector<std::string> check_split(const SplitSource& source,
                                     const std::map<std::string, std::string>& users,
                                     std::string_view unassigned) {
    std::vector<std::string> wrong;
    const auto original = parse_equity_state(source.text);
    if (!original)
        return {"the source: " + original.error().context()};
    std::map<std::string, std::int64_t> sums;
    const auto add = [&](const EquityState& state) {
        for (const auto& [ticker, quantity] : open_quantities(state))
            sums[ticker] += quantity;
    };
    for (const auto& [user, text] : users) {
        const auto state = parse_equity_state(text);
        if (!state)
            wrong.push_back("the file of " + user + ": " + state.error().context());
        else if (state->user != user)
            wrong.push_back("the file of " + user + " says that it belongs to '" + state->user +
                            "'");
        else if (has_taken(text, source.sha256))
            add(*state);
    }
    const auto rest = parse_json(unassigned);
    if (!rest || text_of(member(*rest, "source"), "sha256") != source.sha256) {
        wrong.emplace_back("unassigned.json is not of this source");
    } else {
        for (const auto& [ticker, record] : member(*rest, "positions").items())
            sums[ticker] +=
                std::abs(whole_of(member(record, "quantity")).value_or(0)) *
                (original->positions.contains(ticker) && original->positions.at(ticker).closed ? 0
                                                                                               : 1);
    }
    for (const auto& [ticker, quantity] : open_quantities(*original)) {
        if (sums[ticker] != quantity)
            wrong.push_back(ticker + ": there were " + std::to_string(quantity) + ", there are " +
                            std::to_string(sums[ticker]));
    }
    return wrong;
}

}  // namespace bullpen::moving
