# language: zh-CN
功能: 区域协同
  协同城市、证照互认、代码对照、跨城通办都有目录和期限；各城各自运行，以交换相连。

  场景: 协同目录各有数据集
    假如 系统管理员已登录
    当 打开"/admin/datasets"
    那么 看到下列内容
      | 协同城市     |
      | 证照互认目录 |
      | 代码对照     |
      | 跨城通办事项 |
      | 跨城数据需求 |

  场景: 都市圈、领域、办理方式是统一的代码
    假如 以访客身份
    当 打开"/api/v1/codes/coop_circle"
    那么 看到"杭州都市圈"
    而且 看到"兰白都市圈"
    当 打开"/api/v1/codes/coop_field"
    那么 看到下列内容
      | 医疗保障 |
      | 社会保障 |
      | 公共交通 |

  场景: 互认要有登记过的协同城市，引用错了检查时指出来
    假如 把业务包"region-coop"的文件"registry/licence_mapping.toml"里的'references = "partner"'改成'references = "partners"'
    当 运行命令"pack check"
    那么 命令的结束码是1
    而且 命令说'references 指向的数据集 region-coop:partners 不存在'
