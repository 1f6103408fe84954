#include "worker/risk/rule_pack_file.hpp"

#include <charconv>

#include "common/base/errc.hpp"
#include "common/config/rules.hpp"
#include "common/tables/table_file.hpp"

namespace bullpen::risk {

namespace {

using tables::Table;
using tables::TableFile;

constexpr std::int32_t k_lots_max = 10'000;

// "1500: 3".
Result<ScalingStep> parse_step(std::string_view text, model::Currency currency) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos)
        return fail(Errc::invalid, "must be a profit and its lots, as in \"1500: 3\"");
    ScalingStep step;
    BULLPEN_TRY(step.profit, model::money_from_text(text.substr(0, colon), currency));
    std::string_view lots = text.substr(colon + 1);
    while (lots.starts_with(' '))
        lots.remove_prefix(1);
    const auto [end, error] = std::from_chars(lots.data(), lots.data() + lots.size(), step.lots);
    if (error != std::errc() || end != lots.data() + lots.size() || step.lots < 0 ||
        step.lots > k_lots_max)
        return fail(Errc::invalid, "must name lots from 0 to 10000 behind the colon");
    return step;
}

void read_scaling(Table& table, model::Currency currency, RulePack& pack) {
    for (const std::string& text : table.texts_or("scaling")) {
        const auto step = parse_step(text, currency);
        if (!step) {
            table.wrong("scaling", step.error().message());
            return;
        }
        pack.scaling.push_back(*step);
    }
    if (!pack.scaling.empty() && pack.scaling.front().profit.millionths != 0)
        table.wrong("scaling", "must begin with the lots at a profit of 0");
    for (std::size_t i = 1; i < pack.scaling.size(); ++i) {
        if (pack.scaling[i].profit <= pack.scaling[i - 1].profit)
            table.wrong("scaling", "must be in the order of profits");
    }
}

void read_floor(Table& table, model::Currency currency, FloorRule& floor) {
    const std::string model = table.text_or("floor", "none");
    const auto known = floor_model_from(model);
    if (!known)
        table.wrong("floor", "'" + model + "' is no model of a loss floor");
    floor.model = known.value_or(FloorModel::none);
    if (floor.model == FloorModel::none)
        return;
    const std::string frame_code = table.text("frame");
    const auto frame = frame_from(frame_code);
    if (!frame && table.has("frame"))
        table.wrong("frame", "must be absolute or relative");
    floor.frame = frame.value_or(Frame::absolute);
    floor.nominal = table.money("nominal", currency);
    floor.allowance = table.money("allowance", currency);
    if (floor.nominal.millionths <= 0)
        table.wrong("nominal", "is not above zero");
    if (floor.allowance.millionths <= 0)
        table.wrong("allowance", "is not above zero");
    floor.locks = table.flag_or("locks", true);
    floor.lock_above = table.money_if("lock_above", currency).value_or(model::Money{0, currency});
}

RulePack read(Table& table) {
    RulePack pack;
    pack.name = table.name();
    if (!config::is_word(pack.name))
        table.wrong("", "is no name for a pack: a-z, 0-9, '_' and '-'");
    pack.version = table.text("version");
    pack.title = table.text("title");
    const auto currency = model::Currency::parse(table.text_or("currency", "USD"));
    if (!currency)
        table.wrong("currency", currency.error().message());
    const model::Currency money = currency.value_or(model::k_usd);
    read_floor(table, money, pack.floor);
    pack.daily_loss_max = table.money_if("daily_loss_max", money);
    if (pack.daily_loss_max && pack.daily_loss_max->millionths <= 0)
        table.wrong("daily_loss_max", "is not above zero");
    if (table.has("lots_max"))
        pack.lots_max = static_cast<std::int32_t>(table.whole_or("lots_max", 1, k_lots_max, 1));
    read_scaling(table, money, pack);
    pack.micros_by_ratio = table.flag_or("micros_by_ratio", true);
    pack.flat_by = table.time_of_day_if("flat_by");
    pack.hosting_allowed = table.flag_or("hosting_allowed", true);
    pack.tag_orders = table.flag_or("tag_orders", false);
    pack.opposite_positions_allowed = table.flag_or("opposite_positions_allowed", true);
    return pack;
}

}  // namespace

std::string rule_packs_path(const Home& home) {
    return home.shared() + "/rule_packs.toml";
}

Result<RulePacks> parse_rule_packs(const std::string& name, std::string_view text) {
    TableFile file(name, text);
    std::vector<RulePack> packs;
    for (const std::string& pack : file.tables()) {
        Table table = file.table(pack);
        packs.push_back(read(table));
        if (packs.size() > tables::k_tables_max)
            return fail(Errc::too_large, name + ": lists too many packs");
    }
    file.refuse_unknown();
    if (!file.ok())
        return fail(file.error());
    return RulePacks(file.revision(), std::move(packs));
}

Result<RulePacks> load_rule_packs(const Home& home) {
    BULLPEN_TRY(const auto text, tables::read_table_text(rule_packs_path(home)));
    if (text)
        return parse_rule_packs("shared/rule_packs.toml", *text);
    return RulePacks::built_in();
}

}  // namespace bullpen::risk
