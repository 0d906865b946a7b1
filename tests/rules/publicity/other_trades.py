"""Ordinary adverts of other trades: none of them may be blocked beside a telecom offer's record."""

from __future__ import annotations

ENGLISH = """
Milk 2 litres £1.45, save 30p. Bread 95p. Offers end Sunday.
Three pizzas for £10 this weekend only. Delivery £2.99, free over £20.
Fresh chicken £4.50 per kg, down from £5.20. First 500 shoppers get a free tote bag.
Weekly shop from $49.99 with free delivery over $35. Valid until 12/31/2026.
Coffee beans €7,99 per 500 g. Members save 10%.
Buy two bottles of wine for £14. Was £18. Ends 31 December.
Fruit boxes ₹499 a week, delivered before 9 am. Cancel any time.
All bakery items half price after 7 pm every day.
Our new city car: £199 a month over 48 months, deposit £1,990, 8,000 miles a year.
0% APR over 36 months on the new SUV. $2,500 bonus cash until January 2.
Lease from A$129 a week. Fixed price servicing for 5 years.
Test drive the new electric hatchback: 420 km range, charges in 28 minutes.
Four tyres fitted for £220. MOT £35, ready in 60 minutes.
Used cars with 12 months' warranty. £99 admin fee, no hidden charges.
Van hire €39 a day, 200 km included, €0.20 per extra km.
Double rooms from £79 a night, breakfast included. Free Wi-Fi in every room.
Stay 3 nights, pay for 2, until 15 December. Spa credit €50 per stay.
Beach resort, 7 nights from $899, flights included. Book by Nov 30.
Last rooms for New Year: ₹6,500 a night, cancellation fee ₹1,000.
Business hotel near the airport: 500 Mbps internet, gym and pool, $129 a night.
City break from €199. Cancel up to 14 days before arrival.
Home insurance from £12 a month. 12-month policy, £25 cancellation fee.
Pet cover up to $5,000 a year for $18 a month. First month free.
Car insurance: save up to £150 when you switch. 24-hour claims line.
Travel insurance €29 for 30 days, excess €100.
Life cover from A$25 a month. No medical, 30-day money-back guarantee.
Health plan ₹799 a month, covers a family of four up to ₹10,00,000.
Join our gym for £24.99 a month. 12-month contract, no joining fee in January.
Yoga classes $15 each, or $99 a month unlimited classes. Cancel any time.
First 100 members get £30 off. Pool, sauna and 60 classes a week.
Personal trainer: 10 sessions for A$600, valid for 6 months.
Swim lessons €55 a month, minimum term 3 months.
55-inch television £399, save £100. 5-year guarantee.
Laptop with 16GB memory and 512GB SSD, $749 or $31 a month over 24 months.
Washing machine £329. Delivery £20, installation £35, recycling £15.
Headphones ₹2,999, 40 hours of playback. Replacement within 7 days.
Camera with 24 megapixels, €649. €50 cashback until 31.12.2026.
Games console £449 with 1TB storage. Limited to 2 per customer.
Smartwatch A$399. Battery lasts 18 days.
Vacuum cleaner $199.99, two-year warranty, 30-day trial.
Tablet with 128GB storage, £29 a month over 12 months, 0% interest.
Corner sofa £899 or £37.46 a month for 24 months. Delivery in 6 weeks.
Mattress €499, 100-night trial, 10-year guarantee.
Kitchen sale: 50% off units until 24 December. Fitted in 5 days.
Garden chairs, set of 4 for A$199. First 200 orders get a cushion.
Winter coats £60, now £40. Free returns within 28 days.
Running shoes $89. Buy one, get the second pair half price.
School uniform from ₹599. Sizes 4 to 14 years.
Two dresses for €50. Offer ends at midnight.
Haircut and colour £65. New clients save 20%.
Teeth whitening $299, 60 minutes, pay over 6 months.
Eye test £25, glasses from £69. Book online in 2 minutes.
Dental plan €19.90 a month: two check-ups a year. Minimum 12 months.
Massage ₹1,200 for 60 minutes. Gift voucher ₹5,000 valid until 31/12/2026.
Piano lessons £30 an hour, block of 10 for £270.
Learn to drive: first 5 lessons for $150. Pass within 3 months or money back.
Evening course, 12 weeks, A$480. 20 places left, starts 1 February.
Language school: 24 lessons for €240. Early bird discount 10% until 1 December.
MBA in 18 months, $1,200 a month. Scholarships for the first 50 applicants.
Cinema tickets £6 on Tuesdays. Popcorn £3.50.
Theatre from €15. Season ticket €180, 8 shows, no booking fee.
Zoo annual pass A$99, unlimited visits for 12 months.
Concert 31 December, doors 8 pm, tickets $45 plus $5 booking fee.
Theme park: kids £20, adults £32. Save 15% when you book before 1 December.
Switch your electricity: 24.5p per kWh, fixed for 12 months, £50 exit fee.
Solar panels from $8,900, or $99 a month over 10 years.
Green gas tariff: €0.11 per kWh, 24-month contract, €75 bonus for new customers.
Boiler cover £14 a month, £60 call-out fee, cancel any time.
Savings account 4.5% for 12 months. Minimum £1,000.
Credit card: $200 bonus after you spend $1,000 in 3 months. Annual fee $95.
Personal loan ₹5,00,000 from 10.5% a year over 60 months. Processing fee ₹999.
Mortgage fixed for two years at 4.2%. Exit fee £995.
Two-bedroom apartment $1,950 a month, 12-month lease, one month free.
New flats from £245,000. Show home open 10 am to 5 pm.
Storage unit £20 a month, 50% off the first 8 weeks.
Moving home? Two people and a van, A$140 an hour, minimum 2 hours.
House cleaning €18 an hour. No contract. Insured up to €1,000,000.
Plumber, 24/7, no call-out charge. £85 for the first hour.
Train to the coast from £12.50 each way. Railcard saves a third.
Airport bus €9, every 20 minutes from 4:30.
Monthly bus pass $65, unlimited rides. Students pay $40.
Parking £6 a day, £90 a month, number plate recognition, no ticket needed.
E-bike €1,899 or €79 a month for 24 months. 120 km range.
Dog food 12 kg £32.99. Subscribe and save 15%.
Cat vaccinations A$95. New kittens half price.
Toy sale: 3 for 2 on everything until Christmas Eve.
Magazine: 6 issues for £6, then £29.99 a year. Cancel any time.
Audiobooks $7.95 a month for the first 3 months, then $14.95 a month.
Flowers from £25, next-day delivery £4.99. Order before 6 pm.
Cinema streaming €9.99 a month, first month free, cancel any time.
Film box set £15, 8 discs, 12 hours of extras.
Newspaper subscription ₹299 a month, 3-month minimum.
Nursery places from £62 a day. Funded hours for 2-year-olds.
Business cards, 500 for $19. Delivered within 3 days.
Restaurant week: three courses for A$65, 1 to 14 December.
Burger and fries £8.50. Refillable drinks, no limits.
Office chairs €129. Free delivery on orders over €50.
Paint 5 litres £24, covers 60 square metres. Dries in 4 hours.
Jewellery up to 70% off. Ends 26 December. Interest-free over 10 months.
Vitamins, 120 tablets $14.99. Buy 2 get 1 free.
Bottomless brunch, unlimited pancakes for 90 minutes, $35 per person. Bundle with a coffee and save $5.
Unlimited rides all day on every line of the park, $65. Buy before July 31.
Open a current account by 31 March and get a £200 bonus when two direct debits move over.
Our meal plan: 10 dinners for $60 a week. Skip a week whenever you like.
Switch your mortgage before 30 June and we pay £500 towards legal costs. First 1,000 applicants only.
Credit card: earn $200 cash back after you spend $1,000 in the first three months.
Business banking free for 12 months, then £8 a month. Overdraft limit agreed in 10 minutes.
Data analytics bootcamp: 24 weeks, $7,500, or 20 monthly payments of $375. First 30 places get a laptop bag.
Personal loan from 6.9% APR over 24 months. Early settlement fee of £150.
Unlimited car washes for $30 a month. No contract, cancel anytime.
Popcorn bundle for two, $20. Members pay $15 on Tuesdays.
Gym: £35 a month on a 12-month contract, £150 cancellation fee, unlimited classes.
Theatre season plan: six plays for $240. Sign up by September 30.
Store credit of $25 when you trade in your old bike. Limited to the first 500 customers.
Unlimited sushi, 5 p.m. to 9 p.m., €25. Drinks extra.
Dry cleaning plan, 30 shirts for $60 a month. Collection free.
Save with our savings account: 5% for the first 6 months, then 3%. Up to $10,000.
Electricity tariff fixed for 24 months, exit fee £75 per fuel. Get a £50 credit on your bill.
Solar bundle with battery: €9,900 or €165 a month for 60 months. First 50 households get free scaffolding.
Water cooler contract: $40 a month, 36 months, two bottles included.
Lawn care plan from $45 a month. Terminate with 30 days' notice.
Coffee subscription: first bag half price, then £12 a month. Cancel any time.
Moving boxes bundle: 50 boxes, tape and paper for $70.
Fishing line, 500 yards, $14.99. Free reel bonus until May 31.
Clothes line, 30 m, £12. Limited to 2 per customer.
A new line of lipsticks, £9.99 each. First 1,000 orders get a gift.
Our accountants handle unlimited bookkeeping questions for $85 a month.
Stationery contract for schools: 5,000 sheets for ₹799, delivered between 1 June and 31 July.
Join our loyalty plan and collect 200 bonus points with your first order.
Pension plan: pay in €50 a month, and we add a €100 joining credit until 31 May.
Pay-per-view boxing night, $70. Bar opens at 6 pm.
""".strip().splitlines()

CHINESE = """
鲜牛奶12盒39.9元，原价59元，每人限购2箱。
周末超市大促：鸡蛋每斤3.99元，五花肉每斤12.8元，12月3日止。
大米10公斤49元，满100元减20元，先到先得。
水果每日8折，晚上7点后半价。
食用油5升59.9元，前500名顾客加送抽纸一提。
会员日：整箱牛奶低至29元，每月18日见。
海鲜自助每位168元，两人同行一人半价，至12月31日。
双人火锅套餐99元，含12道菜，限量500份，随时退。
奶茶第二杯半价，充100送20。
咖啡月卡99元，每天一杯，30天有效。
烤肉四人餐199元，周末通用，需提前1天预约。
蛋糕8寸128元，免费配送，下单送蜡烛。
月饼礼盒168元起，满10盒送1盒。
生日宴每桌1288元起，预订送KTV两小时。
全新轿车首付2.98万，月供1999元，三年零利率。
试驾即送100元加油卡，限前200名，活动至12月20日。
新能源车续航600公里，快充30分钟，限时优惠8000元。
四条轮胎换新1280元，免费动平衡，质保三年。
洗车年卡599元，不限次数，全城20家门店通用。
车险到店出单送300元保养券，有效期一年。
二手车一年质保，7天可退，检测费199元。
海景酒店每晚399元，含双早，免费宽带，可延迟至14点退房。
温泉度假两天一晚699元，提前3天可免费取消。
机票特价299元起，国内往返，12月1日至12月25日出行。
云南六日游2980元，前100名报名立减200元。
商务酒店周末特惠，连住三晚送一晚，全屋千兆网络。
景区年卡100元，一年内不限次入园。
自驾租车每天158元，押金2000元，不限里程。
重疾险每月低至58元，保额30万，等待期90天。
百万医疗险首月1元，次月起每月36元，可随时退保。
家财险一年99元，最高赔付50万。
旅游险7天15元，含航班延误。
健身年卡1299元，前100名送私教课3节，合约一年，中途退卡收200元手续费。
瑜伽次卡30次1500元，半年有效。
游泳培训12节课880元，包教包会。
私教课每节260元，买10送2，名额有限。
篮球馆每小时80元，晚上8点后100元。
65英寸电视2999元，以旧换新补贴300元。
笔记本16GB内存512GB固态，4999元，12期免息，每期416元。
洗衣机10公斤1999元，免费送货，安装免费，保修三年。
空调1.5匹2399元，预存100元抵300元。
无线耳机299元，续航30小时，7天无理由退换。
相机2400万像素，5999元，送64GB存储卡。
扫地机器人1799元，每天不到5元用一年，分12个月付。
手表999元，续航14天，限量2000块。
平板128GB存储，2299元，学生再减200元。
电饭煲199元，24期保修，前1000名半价。
沙发三件套3999元，分24个月付，每月167元。
床垫1599元，100天试睡，不满意全额退。
装修全包每平米899元，工期60天，延期每天赔200元。
橱柜每延米1280元，预付500元抵1000元。
瓷砖每片29元，满50平米送美缝。
羽绒服499元，两件8折，活动到12月12日。
运动鞋第二双半价，满300减50。
童装全场5折起，三件再打9折。
黄金每克减30元，前300名送银饰。
眼镜全场6折，配镜送清洗套装，30分钟可取。
洗剪吹38元，办卡充500送200。
面膜10片59元，买二送一。
补水护理98元一次，年卡1980元，每月2次。
洗牙99元，团购立享，需提前预约。
种植牙3980元起，分12期免息。
体检套餐399元，两人同行立减100元，约30分钟完成。
中药煎煮每剂加收5元。
英语课程48节4800元，开课前可全额退款。
钢琴陪练每次45分钟，80元，买10节送1节。
驾校C1学费3280元，60天拿证，前50名减300元。
考研辅导班1月开课，限30人，学费分期付。
编程少儿班体验课9.9元，4节课。
演唱会门票380元起，12月31日晚7点半开场。
电影票29.9元，周二会员日19.9元。
话剧两人套票260元，60元停车券一张。
游乐园成人票220元，儿童半价，元旦前买立减50元。
博物馆特展30元，开放至2027年3月1日。
峰谷电费每度0.3元，合同一年。
燃气灶安装费80元，上门检测免费。
房贷利率3.1%，30年期，月供3200元。
信用卡首刷送100元红包，年费全免。
存款三年期利率2.6%，5万元起存。
贷款额度最高20万，月息0.5%，随借随还。
一室一厅公寓月租2800元，押一付三，签一年送半个月。
精装三房总价168万起，首付30万，样板间开放中。
写字楼每平米每天3.5元，免租期两个月。
自助仓储每月99元，首月1元。
搬家套餐299元起，10公里内，超出每公里8元。
保洁每小时45元，4小时起，随叫随到。
空调清洗69元一台，三台180元，质保30天。
高铁月票8折，每月限20次。
停车包月400元，地库24小时。
共享单车月卡15元，不限次数，每次2小时内免费。
电动车2999元，续航80公里，电池质保两年。
鲜花包月128元，每周一束，随时可停。
猫粮10公斤189元，订阅再省15元。
狗狗洗护小型犬88元，年卡12次888元。
积木玩具满199减60，前1000单送小礼物。
奶粉三段每罐238元，买6送1。
图书满100减50，12月1日至12月12日。
杂志全年12期180元，两年320元。
绿茶礼盒268元，明前采摘，限量800盒。
大闸蟹礼券398元，8只装，有效期至12月15日。
幼儿园开放日12月6日，名额60个，免费参观。
老灶火锅，牛肉毛肚不限量，每位199元，用餐两小时。
影城爆米花套餐加10元换购，会员日票价39元。
自助烤肉不限量，成人129元，儿童59元，限时两小时。
办信用卡送200元，6月30日前刷满三笔即可领取。
银行开户有礼：5月1日至6月30日开户送240元礼金，前5000名。
体检套餐199元，含12项检查，报告三天出。
婚礼跟拍套餐1290元，超时每小时加收200元。
酒水畅饮不限量，每位99元，周五晚上八点开始。
洗车年卡365元，不限次数，只限本人车辆。
瑜伽馆月卡129元，课程不限量，随时可退。
理财产品12个月期，年化3.2%，1万元起购，名额有限。
餐厅双人套餐159元，含两份主食，限前100桌。
亲子乐园套票59元，两大一小，有效期至12月31日。
充值500元送120元，理发店会员专享，6个月内有效。
加油卡充值1000元返20元，每月限一次。
健身房签约24个月，每月139元，提前解约收300元。
驾校包过套餐3280元，学员前50名减300元。
装修套餐每平方米599元，合同签订后60天完工。
月子中心套餐29800元，预付定金5000元，退订扣10%。
保险保障计划每月30元，保额50万，等待期90天。
信用卡副卡免年费，主卡刷满10笔返49元。
小区团购鸡蛋30枚，限前200份，每份19.9元。
水果礼盒88元，限量800份，先到先得。
咖啡套餐20元，一杯美式加一个可颂。
牛奶月套餐79元，每天一瓶送到家，满12个月送1个月。
旅行社海岛套餐3980元，机票酒店全含，签约即送200元红包。
钢琴课套餐1500元，20节课，合约期半年。
物业费满12个月返120元，活动到3月31日。
家政保洁套餐150元三小时，超时每小时50元。
电费套餐谷时0.3元，合同一年，提前解约付150元。
""".strip().splitlines()
